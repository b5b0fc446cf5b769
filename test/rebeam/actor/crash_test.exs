defmodule Rebeam.Actor.CrashTest do
  # What a handler that raises, or exits, does: to its caller, to its actor, to the log.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  defp run(program) do
    result = Program.run(program)
    assert result.status == 0, result.err
    %{result | out: String.split(result.out, "\n", trim: true)}
  end

  # How many entries the log has.
  defp entries(text), do: length(Regex.scan(~r/^\d\d:\d\d:\d\d\.\d+ \[\w+\]/m, text))

  test "a handler that raises: DOWN with the traceback, one log entry, a fresh actor" do
    program = "actor/crash/handler_that_raises.py"
    result = run(program)

    assert [
             "(<Status.OK: 'ok'>, (5.0, 1))",
             "down",
             "Traceback (most recent call last):",
             divide,
             "    return self.deeper(message), self.count" | rest
           ] = result.out

    assert divide =~
             ~r/^  File ".*main.py", line #{Program.line(program, "return self.deeper")}, in divide$/

    assert Enum.any?(
             rest,
             &(&1 =~ ~r/main.py", line #{Program.line(program, "return 10 / by")}, in deeper$/)
           )

    assert Enum.slice(rest, -2, 2) == [
             "ZeroDivisionError: division by zero",
             "(<Status.OK: 'ok'>, (2.0, 1))"
           ]

    assert entries(result.err) == 1
    assert result.err =~ ~r/\[error\] actor bad \(Bad\) <[\d.]+> crashed in @receive\("divide"\)/
    assert result.err =~ "message: 0"
    assert result.err =~ "'count': 2"
    assert result.err =~ "ZeroDivisionError: division by zero"
    assert length(String.split(result.err, "Traceback")) == 2
  end

  test "a cast that raises ends its actor too, and is logged" do
    result = run("actor/crash/cast_that_raises_ends_its_actor_too.py")
    assert result.out == ["True", "False True"]
    assert entries(result.err) == 1
    assert result.err =~ ~s[in @receive("fail")]
    # Cut: the entry says what it was, not all of it.
    assert result.err =~ "longlong"
    [entry, _traceback] = String.split(result.err, "Traceback", parts: 2)
    assert byte_size(entry) < 3000
  end

  test "exceptions that are hard to show still are shown" do
    result = run("actor/crash/exceptions_that_are_hard_to_show_still.py")

    assert [
             "odd down True",
             odd,
             "chained down True",
             chained,
             "group down True",
             "'    +------------------------------------' False",
             "base down True",
             "'KeyboardInterrupt: mine' False"
           ] = result.out

    assert odd =~ "Odd"
    assert chained =~ "RuntimeError: gr\\xf6\\xdfer \\u65e5\\u672c"
    assert chained =~ "True"
    assert entries(result.err) == 4
  end

  @tag :slow
  test "sys.exit in main.py ends the program with that status" do
    for {code, status, err} <- [
          {"3", 3, ""},
          {"", 0, ""},
          {"None", 0, ""},
          {"'why not'", 1, "why not\n"},
          {"256 + 7", 7, ""}
        ] do
      result = Program.run("import sys\nprint('before')\nsys.exit(#{code})\nprint('after')\n")
      assert {code, result} == {code, %Program{out: "before\n", err: err, status: status}}
    end
  end

  test "sys.exit in a handler ends its actor alone, normally or with a reason" do
    result = run("actor/crash/sys_exit_in_a_handler_ends_its_actor_alone.py")

    assert Enum.sort(result.out) ==
             Enum.sort([
               "down with 0 True",
               "stop zero normal",
               "down with 3 True",
               "stop three SystemExit: 3",
               "None True",
               "stop other shutdown",
               "stop three shutdown"
             ])

    assert entries(result.err) == 1
    assert result.err =~ "ended with status 3"
  end

  test "an exception in @stop is logged, and the program ends all the same" do
    program = """
    from rebeam import *
    class Bad(GenPy):
        name = "bad"
        @stop()
        def bye(self, reason):
            raise ValueError("in stop")
    class Good(GenPy):
        @stop()
        def bye(self, reason):
            print("good", reason)
    Supervisor(modules=[Good, Bad, child(lambda: None, restart="transient", significant=True)])
    """

    result = run(program)
    assert result.out == ["good shutdown"]
    assert result.err =~ "ValueError: in stop"
    assert entries(result.err) == 1
  end

  test "RecursionError, MemoryError and StopIteration are crashes like others" do
    assert run("actor/crash/recursion_error.py").out == [
             "recursion down RecursionError",
             "memory down MemoryError",
             "stop down StopIteration",
             "generator down GeneratorExit"
           ]
  end

  test "a function and a task have no state to log, and no frames but the user's" do
    program = """
    from rebeam import *
    from waiting import wait_until

    def spawned(): 1 / 0
    def asked(): 1 / 0
    def main():
        pid = spawn(spawned)
        try:
            await_(async_(asked, linked=False))
        except TaskError as error:
            print(error.reason.count("File"), error.reason.splitlines()[-1])
        wait_until(lambda: not is_alive(pid))
    Supervisor([child(main, restart="transient", significant=True)])
    """

    result = run(program)
    assert result.out == ["1 ZeroDivisionError: division by zero"]
    assert entries(result.err) == 2
    assert length(Regex.scan(~r/crashed\nTraceback/, result.err)) == 2
    refute result.err =~ "state:"
    refute result.err =~ "_tasks.py"
  end
end
