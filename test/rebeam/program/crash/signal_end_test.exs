defmodule Rebeam.Program.Crash.SignalEndTest do
  # Signals, closed terminals and broken pipes under load, in actors and in the body; what one
  # signal does in order is in test/rebeam/cli/signals_test.exs.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # Seconds: what hangs is cut off in a few, a busy machine has other things to do, and what is
  # not cut off takes for ever.
  @soon 60

  # What the actors of test/programs/program/crash/signal_end/call_storm.py write at their end.
  @stops for n <- 0..39, do: "stop #{n} shutdown"
  @finals for n <- 0..19, do: "finally #{n}"

  defp run(program, options) do
    folder = Program.folder()
    start = System.monotonic_time(:millisecond)
    result = Program.run(program, [cd: folder] ++ options)
    seconds = (System.monotonic_time(:millisecond) - start) / 1000

    log = Path.join(folder, "log")

    {result,
     if(File.exists?(log), do: File.read!(log), else: "") |> String.split("\n", trim: true),
     seconds}
  end

  for {signal, status} <- [{"SIGTERM", 143}, {"SIGINT", "SIGINT"}, {"SIGHUP", 129}] do
    @tag :slow
    test "#{signal} in a storm of calls: each actor stops once, each finally runs" do
      {result, log, _} =
        run("from call_storm import *\nstorm()\n", on: [{"ready", :signal, unquote(signal)}])

      assert %{status: unquote(status), out: "ready\n", err: ""} = result
      assert Enum.sort(log) == Enum.sort(@stops ++ @finals)
    end
  end

  @tag :slow
  test "Ctrl-C twice, in a terminal, while @stop runs: at once, with the signal's status" do
    program = """
    from rebeam import *
    from call_storm import *
    class Slow(GenPy):
        @stop()
        def bye(self):
            print("stopping", flush=True)
            sleep(60)
            log.write("stopped")
    Supervisor([child(Slow, shutdown="infinity"), child(ready, restart="transient")])
    """

    {result, log, seconds} =
      run(program, pty: true, on: [{"ready", :type, "\x03"}, {"stopping", :type, "\x03"}])

    assert result.status == "SIGINT"
    assert log == []
    assert seconds < @soon
  end

  @tag :slow
  test "Ctrl-C twice while the end of Python waits for a thread" do
    program = """
    import time
    from rebeam import *
    from call_storm import *
    class Quick(GenPy):
        @stop()
        def bye(self):
            print("stopping", flush=True)
    import atexit
    def hang():
        print("atexit", flush=True)
        time.sleep(60)
    atexit.register(hang)
    Supervisor([Quick, child(ready, restart="transient")])
    """

    {result, _, seconds} =
      run(program, on: [{"ready", :signal, "SIGINT"}, {"atexit", :signal, "SIGINT"}])

    assert %{status: "SIGINT", out: "ready\nstopping\natexit\n"} = result
    assert seconds < @soon
  end

  @tag :slow
  test "an uncaught KeyboardInterrupt of the body, and a second Ctrl-C while actors stop" do
    program = """
    import time
    from rebeam import *
    class Slow(GenPy):
        @stop()
        def bye(self):
            print("stopping", flush=True)
            sleep(60)
    run_register_process(child(Slow, shutdown="infinity"))
    print("ready", flush=True)
    time.sleep(1000)
    """

    {result, _, seconds} =
      run(program, on: [{"ready", :signal, "SIGINT"}, {"stopping", :signal, "SIGINT"}])

    assert %{status: "SIGINT", out: "ready\nstopping\n", err: err} = result
    assert err =~ ~r/^KeyboardInterrupt$/m
    assert seconds < @soon
  end

  @tag :slow
  test "handlers of the user's own are asked each time, also after asyncio.run" do
    program = """
    import os, signal, sys
    from call_storm import *
    import asyncio
    asyncio.run(asyncio.sleep(0))
    seen = []
    def handler(number, frame):
        seen.append(number)
        os.write(1, b"handled %d\\n" % len(seen))  # print is not reentrant
        if len(seen) == 3:
            sys.exit(9)
    signal.signal(signal.SIGINT, handler)
    storm()
    """

    on = [
      {"ready", :signal, "SIGINT"},
      {"handled 1", :signal, "SIGINT"},
      {"handled 2", :signal, "SIGINT"}
    ]

    {result, log, _} = run(program, on: on)
    assert %{status: 9, out: "ready\nhandled 1\nhandled 2\nhandled 3\n", err: ""} = result
    assert Enum.sort(log) == Enum.sort(@stops ++ @finals)
  end

  @tag :slow
  test "Ctrl-C while an actor holds the GIL" do
    program = """
    from rebeam import *
    import ctypes
    class Holder(GenPy):
        @start(continues=True)
        def hold(self):
            print("ready", flush=True)
            ctypes.PyDLL(None).sleep(1000)
    Supervisor([child(Holder, shutdown=0.5)])
    """

    {result, _, seconds} = run(program, on: [{"ready", :signal, "SIGINT"}])
    assert %{status: "SIGINT", out: "ready\n", err: ""} = result
    assert seconds < @soon
  end

  @tag :slow
  test "Ctrl-C wakes the body, though actors have started children and compute on" do
    on = List.duplicate({"ready", :signal, "SIGINT"}, 5)
    {result, _, seconds} = run("program/crash/signal_end/ctrl_c_wakes_the_body.py", on: on)
    assert %{status: 0, out: out, err: ""} = result
    assert out == String.duplicate("ready\n", 5)
    assert seconds < @soon
  end

  @tag :slow
  test "SIGQUIT ends it at once, as under python" do
    {result, log, _} =
      run("from call_storm import *\nstorm()\n", on: [{"ready", :signal, "SIGQUIT"}])

    assert %{status: "SIGQUIT", err: ""} = result
    refute Enum.any?(log, &(&1 =~ "stop"))
  end

  describe "a closed terminal" do
    @tag :slow
    test "ends actors in order" do
      {result, log, _} =
        run("from call_storm import *\nstorm()\n", pty: true, on: [{"ready", :hangup, ""}])

      assert result.status == 129
      assert Enum.sort(log) == Enum.sort(@stops ++ @finals)
    end

    @tag :slow
    test "ends actors that print to it" do
      program = """
      from rebeam import *
      from call_storm import *
      def printing():
          while True:
              print("line", flush=True)
      Supervisor([Node(n) for n in range(40)] + [child(printing, restart="temporary"),
                  child(ready, restart="transient")])
      """

      {result, log, seconds} = run(program, pty: true, on: [{"ready", :hangup, ""}])
      assert result.status == 129
      assert Enum.sort(Enum.filter(log, &(&1 =~ "stop"))) == Enum.sort(@stops)
      assert seconds < @soon
    end

    @tag :slow
    test "ends a body" do
      program = "import time\nprint('ready', flush=True)\ntime.sleep(1000)\n"
      {result, [], _} = run(program, pty: true, on: [{"ready", :hangup, ""}])
      assert result.status == 129
    end
  end

  describe "a broken pipe" do
    # What the shell's `| head -n 2` saw, and the status of the program before it.
    defp head(source, redirect, env \\ []) do
      folder = Program.folder(%{"main.py" => source, "err" => ""})
      main = Path.join(folder, "main.py")
      command = Program.vm(["--python", Program.python().executable, main])
      shell = ~s(timeout -s KILL 60 "$@" #{redirect} | head -n 2; echo "${PIPESTATUS[0]}")
      {out, 0} = System.cmd("bash", ["-c", shell, "bash" | command], cd: folder, env: env)
      {String.split(out, "\n", trim: true), File.read!(Path.join(folder, "err"))}
    end

    # What python has, whose buffer still holds a line when it ends, or not.
    for {unbuffered, status} <- [{"1", "1"}, {nil, "120"}] do
      @tag :slow
      test "in the body, PYTHONUNBUFFERED=#{unbuffered}: BrokenPipeError and status #{status}" do
        source = "n = 0\nwhile True:\n    n += 1\n    print('line', n, flush=True)\n"
        env = [{"PYTHONUNBUFFERED", unquote(unbuffered)}]
        assert {["line 1", "line 2", unquote(status)], err} = head(source, "2> err", env)
        assert err =~ "BrokenPipeError: [Errno 32] Broken pipe"
      end
    end

    @tag :slow
    test "in an actor: a crash; the tree gives up, the others stop" do
      source = """
      import sys
      from rebeam import *
      class Other(GenPy):
          @stop()
          def bye(self, reason):
              print("stop", reason, file=sys.stderr)
      def printing():
          for n in range(1, 10**9):
              print("line", n, flush=True)
      Supervisor([Other, child(printing, restart="permanent")], max_restarts=0)
      """

      assert {["line 1", "line 2", "1"], err} = head(source, "2> err")
      assert err =~ "BrokenPipeError: [Errno 32] Broken pipe"
      assert err =~ "stop shutdown\n"
      assert err =~ "rebeam: the supervision tree gave up"
    end

    @tag :slow
    test "of standard output and errors, in many actors at once" do
      source = """
      import sys
      from rebeam import *
      class Printing(GenPy):
          @start(continues=True)
          def go(self):
              while True:
                  print("line", flush=True)
                  print("line", file=sys.stderr, flush=True)
      Supervisor([child(Printing(), id=str(n)) for n in range(20)], max_restarts=30)
      """

      assert {["line", "line", "1"], ""} = head(source, "2>&1")
    end
  end
end
