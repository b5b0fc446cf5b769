# Tests of values need the native library, though no Python that runs.
{:ok, python} = Rebeam.Python.find([])
:ok = Rebeam.Loader.open(python.libpython)
:ok = Rebeam.Native.load()

# Not by excluded tags: to include another tag of such a test would include it again.
for lack <- [
      Rebeam.InterpreterProgram.lacks_units(),
      Rebeam.InterpreterProgram.lacks_older(),
      Rebeam.KinoSources.lack(),
      Rebeam.PythonxBuild.lack()
    ],
    lack != nil,
    do: IO.puts("Skipped: " <> lack)

# What is compiled stays as it is: newer Mix, of which some tests run several at once, need not wait, and
# say so in their output.
System.put_env("MIX_OS_CONCURRENCY_LOCK", "0")

# Two at a time for each core: most tests wait for a whole VM with Python in it, and that waits
# too. Longer than the limit of Rebeam.Program, which says more about what hangs.
ExUnit.start(
  formatters: [ExUnit.CLIFormatter, Rebeam.Failures],
  max_cases: 2 * System.schedulers_online(),
  timeout: 600_000,
  # For a message that has to come; a busy machine may take long for it.
  assert_receive_timeout: 20_000,
  # `make check` and `mix test` do without what takes longer than a second or so (slow), and what
  # takes long by nature (large).
  exclude: [:large, :slow]
)
