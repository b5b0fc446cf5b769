# Tests of values need the native library, though no Python that runs.
{:ok, python} = Rebeam.Python.find([])
:ok = Rebeam.Loader.open(python.libpython)
:ok = Rebeam.Native.load()

no_units = Rebeam.InterpreterProgram.pythons() == []

if no_units do
  IO.puts("Tests of interpreter units are left out: they need CPython 3.12 or newer")
end

# Two at a time, as each may be a whole VM with Python in it. Longer than the limit
# of Rebeam.Program, which says more about what hangs.
ExUnit.start(
  max_cases: 2,
  timeout: 200_000,
  exclude: if(no_units, do: [:large, :interpreter], else: [:large])
)
