defmodule Rebeam.Log.CrashTest do
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}
  alias Rebeam.Log.Crash

  @program "log/crash/crash.py"

  defp entries(isolation, python, options \\ []) do
    options = ["--python", python.executable | options]
    result = Program.run(@program, args: [isolation], options: options)
    assert {result.status, result.out} == {0, "ok down\ndown\ndown\ndown\ndown\ndown\n"}
    result.err
  end

  # Each entry without what differs from run to run: its time, pids, the folder, marks below lines.
  defp plain(text) do
    text
    |> String.replace(~r/^\d\d:\d\d:\d\d\.\d{3} /m, "")
    |> String.replace(~r/<\d+\.\d+\.\d+>/, "<pid>")
    |> String.replace(~r{File "[^"]*/}, "File \"")
    |> String.replace(~r/^ *[~^]+ *\n/m, "")
    |> String.replace(~r/ at 0x[0-9a-f]+/, "")
    # How long it had been at that, which is said from a second on.
    |> String.replace(~r/^(\[error\] actor .*) after [\d.]+ s$/m, "\\1")
    |> String.split(~r/^(?=\[error\])/m, trim: true)
  end

  @order """
  [error] actor stock (Stock) <pid> crashed in @receive("take")
    message: Order(id=5, lines=[])
    sender: orders <pid>
    trail: main.py -> orders "order" -> stock "take"
    supervisor: shop <pid> starts it again, 1 of 6 in 600 s (permanent)
  Traceback (most recent call last):
    File "main.py", line 39, in take
      raise error
  ValueError: 3 left
  ask again tomorrow
  """

  @others [
    """
    [error] actor stock (Stock) <pid> crashed in @receive("many")
      sender: main.py <pid>
      supervisor: shop <pid> starts it again, 2 of 6 in 600 s (permanent)
      + Exception Group Traceback (most recent call last):
      |   File "main.py", line 43, in many
      |     raise ExceptionGroup("two", [ValueError(1), KeyError("x")])
      | ExceptionGroup: two (2 sub-exceptions)
      +-+---------------- 1 ----------------
        | ValueError: 1
        +---------------- 2 ----------------
        | KeyError: 'x'
        +------------------------------------
    """,
    """
    [error] actor stock (Stock) <pid> crashed in @receive("caused")
      sender: main.py <pid>
      supervisor: shop <pid> starts it again, 3 of 6 in 600 s (permanent)
    Traceback (most recent call last):
      File "main.py", line 48, in caused
        {}["key"]
    KeyError: 'key'

    The above exception was the direct cause of the following exception:

    Traceback (most recent call last):
      File "main.py", line 50, in caused
        raise RuntimeError("no stock") from error
    RuntimeError: no stock
    """,
    """
    [error] actor stock (Stock) <pid> crashed in @info
      message: {'key': ("it's", None)}
      state: {'kept': "it's"}
      supervisor: shop <pid> starts it again, 4 of 6 in 600 s (permanent)
    Traceback (most recent call last):
      File "main.py", line 55, in note
        raise ValueError("noted")
    ValueError: noted
    """,
    """
    [error] actor unshown (Unshown) <pid> crashed in @receive("fail")
      message: [1.5, True]
      sender: main.py <pid>
      state: <its repr raised ValueError>
      supervisor: shop <pid> starts it again, 5 of 6 in 600 s (permanent)
    Traceback (most recent call last):
      File "main.py", line 65, in fail
        raise ValueError("shown")
    ValueError: shown
    """,
    """
    [error] actor door (Door) <pid> crashed in @event("slam", state="open")
      message: 'loudly'
      supervisor: shop <pid> starts it again, 6 of 6 in 600 s (permanent)
    Traceback (most recent call last):
      File "main.py", line 73, in slam
        raise ValueError(message)
    ValueError: loudly
    """,
    """
    [error] actor other (Stock) <pid> crashed in @receive("many")
      sender: main.py <pid>
      supervisor: them <pid> does not start it again (temporary)
      + Exception Group Traceback (most recent call last):
    """,
    """
    [error] actor stock (Stock) <pid> crashed in @receive("many")
      sender: main.py <pid>
      supervisor: shop <pid> gives up: more than 6 restarts in 600 s (permanent)
    """
  ]

  # What Python 3.13 and newer write in another way is not this log's.
  defp assert_entries(text, order \\ @order) do
    entries = plain(text)
    assert length(entries) == 8

    for {entry, expected} <- Enum.zip(entries, [order | @others]),
        do: assert(String.slice(entry, 0, String.length(expected)) == expected)
  end

  test "who, at what, from whom, in which state, and what its supervisor does about it" do
    assert_entries(entries("shared", Program.python()))
  end

  @tag :slow
  test "the same in units" do
    places = for python <- InterpreterProgram.pythons(), do: {"interpreter", python}

    assert_entries(entries("process", Program.python()))
    for {isolation, python} <- places, do: assert_entries(entries(isolation, python))
  end

  @tag :slow
  test "as JSON each part is a field; with --log-locals there are the locals where it was raised" do
    options = ["--log-format", "json", "--log-locals"]

    [first | _] =
      lines = String.split(entries("shared", Program.python(), options), "\n", trim: true)

    assert length(lines) == 8

    program = """
    import json, re, sys
    entry = json.loads(sys.stdin.read())
    for key, value in entry.items():
        value = re.sub(r" at 0x[0-9a-f]+|<[0-9.]+>", "", value) if isinstance(value, str) else value
        if key not in ("time", "pid", "node", "traceback", "seconds"):
            print(key, repr(value))
    """

    assert Program.lines!(program, input: first) == [
             "level 'error'",
             "message 'actor stock (Stock)  crashed in @receive(\"take\")'",
             "actor 'stock'",
             "subject 'take'",
             "class 'Stock'",
             "received 'Order(id=5, lines=[])'",
             "sender 'orders '",
             "trail 'main.py -> orders \"order\" -> stock \"take\"'",
             "supervisor ''",
             "restart 'permanent'",
             "restarts 1",
             "max_restarts 6",
             "max_seconds 600",
             "locals \"self = <__main__.Stock object>\\nmessage = Order(id=5, lines=['changed'])\\n" <>
               "source = \\nleft = 3\\nerror = ValueError('3 left')\""
           ]
  end

  @slow_to_fail """
  import time
  from rebeam import GenPy, Supervisor, call, receive, sleep

  class Worker(GenPy):
      name = "worker"

      @receive("fail")
      def fail(self, message):
          begun = time.monotonic()
          sleep(message)
          print(time.monotonic() - begun, flush=True)
          raise ValueError

  with Supervisor([Worker]):
      call("worker", "fail", 1.1, timeout=None)
  """

  @tag :slow
  test "what had run for a second or more before it crashed says for how long" do
    %{status: 0, out: out, err: err} = Program.run(@slow_to_fail)
    [_, after_seconds] = Regex.run(~r/crashed in @receive\("fail"\) after ([\d.]+) s\n/, err)
    slept = out |> String.trim() |> String.to_float()
    assert String.to_float(after_seconds) >= Float.round(slept, 1)
  end

  test "of one that crashes again there is a line" do
    crash = %Crash{actor: "a", pid: self(), work: {:run, "", "", nil}, traceback: "T"}
    who = "actor a #{:erlang.pid_to_list(self())} crashed"
    assert IO.chardata_to_string(Crash.text(crash)) == who <> "\nT"

    assert IO.chardata_to_string(Crash.text(%{crash | again?: true})) ==
             who <> " again in the same way"

    assert {~c"~ts", [text]} = Crash.format(crash)
    assert IO.chardata_to_string(text) == who <> "\nT"
  end
end
