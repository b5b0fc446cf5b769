# Tests of values need the native library, though no Python that runs.
{:ok, python} = Rebeam.Python.find([])
:ok = Rebeam.Loader.open(python.libpython)
:ok = Rebeam.Native.load()

no_units = Rebeam.InterpreterProgram.pythons() == []
no_older = Rebeam.InterpreterProgram.older() == nil

if no_units, do: IO.puts("Left out: tests of interpreter units, which need CPython 3.12 or newer")
if no_older, do: IO.puts("Left out: a test of what CPython 3.11 lacks")

exclude =
  [:large] ++
    if(no_units, do: [interpreter: true], else: []) ++ if(no_older, do: [:older_python], else: [])

# Two at a time, as each may be a whole VM with Python in it. Longer than the limit
# of Rebeam.Program, which says more about what hangs.
ExUnit.start(
  max_cases: 2,
  timeout: 200_000,
  exclude: exclude
)
