# Tests of values need the native library, though no Python that runs.
{:ok, python} = Rebeam.Python.find([])
:ok = Rebeam.Loader.open(python.libpython)
:ok = Rebeam.Native.load()

no_units = Rebeam.InterpreterProgram.pythons() == []
no_older = Rebeam.InterpreterProgram.older() == nil
no_attach = Version.compare(python.version, "3.14.0") == :lt

if no_units, do: IO.puts("Left out: tests of interpreter units, which need CPython 3.12 or newer")
if no_older, do: IO.puts("Left out: a test of what CPython 3.11 lacks")
if no_attach, do: IO.puts("Left out: a test of debuggers that attach, as CPython 3.14 lets them")

# `make check` and `mix test` do without what takes longer than a second or so (slow), and what takes
# long by nature (large).
left_out =
  for {tag, true} <- [interpreter: no_units, older_python: no_older, attach: no_attach], do: tag

exclude = [:large, :slow] ++ left_out

# Two at a time for each core: most tests wait for a whole VM with Python in it, and that waits
# too. Longer than the limit of Rebeam.Program, which says more about what hangs.
ExUnit.start(
  max_cases: 2 * System.schedulers_online(),
  timeout: 600_000,
  # For a message that has to come; a busy machine may take long for it.
  assert_receive_timeout: 20_000,
  exclude: exclude
)
