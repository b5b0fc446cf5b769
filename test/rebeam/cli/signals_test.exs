defmodule Rebeam.CLI.SignalsTest do
  # Signals end a program in order, unless the user's own handlers take them.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @stopped [
    "ready",
    "stop d shutdown",
    "stop c shutdown",
    "interrupted b",
    "stop b shutdown",
    "stop a shutdown"
  ]

  defp run(program, options) do
    result = Program.run(program, options)
    {result.status, String.split(result.out, ["\r\n", "\n"], trim: true), result.err}
  end

  # As a process that the signal ended, or with the status that a shell gives it.
  defp assert_status(status, number, name), do: assert(status in [128 + number, name])

  for {name, number} <- [{"SIGTERM", 15}, {"SIGINT", 2}, {"SIGHUP", 1}], via <- [:vm, :mix] do
    @tag :slow
    test "#{name} shuts the tree down in order (#{via})" do
      {status, lines, err} =
        run("from signals_tree import *\ntree()",
          via: unquote(via),
          on: [{"ready", :signal, unquote(name)}]
        )

      assert lines == @stopped
      assert_status(status, unquote(number), unquote(name))
      assert err == ""
    end
  end

  @tag :slow
  test "Ctrl-C in a terminal" do
    {status, lines, _} =
      run("from signals_tree import *\ntree()",
        via: :mix,
        pty: true,
        on: [{"ready", :type, "\x03"}]
      )

    # The terminal shows the key.
    assert Enum.map(lines, &String.replace(&1, "^C", "")) -- [""] == @stopped
    assert_status(status, 2, "SIGINT")
  end

  @tag :slow
  test "a second signal while @stop runs does not cut it short" do
    program = """
    from rebeam import *
    from signals_tree import *
    class Slow(GenPy):
        @stop()
        def bye(self, reason):
            print("stopping", flush=True)
            sleep(1)
            print("stopped", flush=True)
    Supervisor(modules=[Slow, child(ready, restart="transient")])
    """

    {status, lines, _} =
      run(program, on: [{"ready", :signal, "SIGTERM"}, {"stopping", :signal, "SIGTERM"}])

    assert lines == ["ready", "stopping", "stopped"]
    assert_status(status, 15, "SIGTERM")
  end

  @tag :slow
  test "an actor that does not stop in time is not waited for" do
    program = """
    import threading
    from rebeam import *
    from signals_tree import *
    class Stuck(GenPy):
        @stop()
        def bye(self, reason):
            print("stuck", flush=True)
            threading.Event().wait()
    Supervisor(modules=[
        Worker("a"), child(Stuck, shutdown=2), child(ready, restart="transient")])
    """

    {status, lines, _} = run(program, on: [{"ready", :signal, "SIGTERM"}])
    assert lines == ["ready", "stuck", "stop a shutdown"]
    assert_status(status, 15, "SIGTERM")
  end

  test "atexit work is done and files are flushed after the tree" do
    program = """
    from signals_tree import *
    import atexit
    atexit.register(print, "atexit")
    print("not flushed by me")
    tree()
    """

    {status, lines, ""} = run(program, on: [{"ready", :signal, "SIGTERM"}])
    assert List.last(lines) == "atexit"
    assert "not flushed by me" in lines
    assert_status(status, 15, "SIGTERM")
  end

  test "SIGTERM while the body of a plain script runs ends it, as under python" do
    program = """
    import time
    print("ready", flush=True)
    time.sleep(1000)
    print("not reached")
    """

    for via <- [:python, :vm] do
      result = Program.run(program, via: via, on: [{"ready", :signal, "SIGTERM"}])
      assert_status(result.status, 15, "SIGTERM")
      assert %{out: "ready\n", err: ""} = result
    end
  end

  test "SIGTERM while the body computes" do
    program = "print('ready', flush=True)\nwhile True: pass\n"
    result = Program.run(program, on: [{"ready", :signal, "SIGTERM"}])
    assert_status(result.status, 15, "SIGTERM")
  end

  @tag :slow
  test "SIGTERM in the body while actors run stops them" do
    program = """
    import time
    from rebeam import *
    from signals_tree import *
    run_register_process(Worker("a"))
    print("ready", flush=True)
    time.sleep(1000)
    """

    {status, lines, _} = run(program, on: [{"ready", :signal, "SIGTERM"}])
    assert lines == ["ready", "stop a shutdown"]
    assert_status(status, 15, "SIGTERM")
  end

  test "KeyboardInterrupt in a plain script: its traceback, ended by SIGINT" do
    program = """
    import sys, threading, time
    def wait():
        try:
            time.sleep(1000)
        finally:
            print("finally")
    def tell(main):
        while sys._current_frames()[main].f_lineno != 4:
            time.sleep(0.001)
        print("ready", flush=True)
    threading.Thread(target=tell, args=[threading.get_ident()], daemon=True).start()
    wait()
    """

    folder = Program.folder(%{"main.py" => program})

    results =
      for via <- [:python, :vm] do
        Program.run("main.py", via: via, cd: folder, on: [{"ready", :signal, "SIGINT"}])
      end

    assert [%{out: "ready\nfinally\n", err: err, status: "SIGINT"}, rebeam] = results
    assert %{rebeam | status: nil} == %Program{out: "ready\nfinally\n", err: err, status: nil}
    assert_status(rebeam.status, 2, "SIGINT")
    assert err =~ "KeyboardInterrupt"
  end

  test "KeyboardInterrupt that the script handles" do
    program = """
    import time
    for n in range(2):
        try:
            print("ready", flush=True)
            time.sleep(1000)
        except KeyboardInterrupt:
            print("interrupted", n, flush=True)
    """

    on = [{"ready", :signal, "SIGINT"}, {"ready", :signal, "SIGINT"}]
    {python, rebeam} = Program.both(program, on: on)

    assert python == %Program{
             out: "ready\ninterrupted 0\nready\ninterrupted 1\n",
             err: "",
             status: 0
           }

    assert rebeam == python
  end

  test "a call in the body is interrupted too" do
    program = """
    from rebeam import *
    class Silent(GenPy):
        name = "silent"
        @receive()
        def never(self):
            sleep(1000)
    run_register_process(Silent)
    try:
        print("ready", flush=True)
        call("silent", "x", timeout=None)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    """

    assert {0, ["ready", "interrupted"], ""} = run(program, on: [{"ready", :signal, "SIGINT"}])
  end

  test "handlers of the user's own, in the body" do
    # They are told apart, as one that is pending is not delivered twice.
    on =
      for name <- ~w(SIGTERM SIGINT SIGHUP),
          do: {if(name == "SIGTERM", do: "ready", else: ""), :signal, name}

    {python, rebeam} = Program.both("cli/signals/handlers_of_the_users_own.py", on: on)
    assert %{status: 0, err: ""} = python
    assert length(String.split(python.out, "\n", trim: true)) == 7
    assert rebeam == python
  end

  test "handlers of the user's own, while the tree runs" do
    program = """
    import signal, sys, threading
    from signals_tree import *
    def handler(number, frame):
        main = threading.current_thread() is threading.main_thread()
        print("handled", signal.Signals(number).name, main, flush=True)
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGUSR1, handler)
    signal.signal(signal.SIGINT, lambda number, frame: sys.exit(7))
    tree()
    """

    on = [
      {"ready", :signal, "SIGTERM"},
      {"handled SIGTERM", :signal, "SIGUSR1"},
      {"handled SIGUSR1", :signal, "SIGINT"}
    ]

    {status, lines, err} = run(program, on: on)
    assert err == ""
    [ready | stopped] = @stopped
    assert lines == [ready, "handled SIGTERM True", "handled SIGUSR1 True"] ++ stopped
    assert status == 7
  end

  test "what was set before can be set again" do
    program = """
    import signal
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE", "SIGALRM", "SIGQUIT"):
        number = signal.Signals[name]
        old = signal.signal(number, lambda *_: None)
        print(name, old)
        signal.signal(number, old)
    """

    {python, rebeam} = Program.both(program)
    assert %{status: 0, err: ""} = python
    # The default handler of SIGINT is shown with its address.
    plain = &String.replace(&1, ~r/ at 0x[0-9a-f]+/, "")
    assert {plain.(rebeam.out), rebeam.err} == {plain.(python.out), ""}
  end

  @tag :slow
  test "a signal that is ignored is ignored" do
    program = """
    import signal, sys
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("ready", flush=True)
    sys.stdin.read()
    print("end")
    """

    on = [{"ready", :signal, "SIGTERM"}, {"", :signal, "SIGINT"}, {"", :eof, ""}]
    {python, rebeam} = Program.both(program, on: on)
    assert python == %Program{out: "ready\nend\n", err: "", status: 0}
    assert rebeam == python
  end

  @tag :slow
  test "the default action of a signal, set again, and what a killed program leaves" do
    program = """
    import os, signal, subprocess, sys
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print("ready", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    import time
    time.sleep(1000)
    """

    {python, rebeam} = Program.both(program)
    assert python.status == "SIGTERM"
    assert rebeam.out == python.out
    assert_status(rebeam.status, 15, "SIGTERM")
  end

  for {what, program} <- [
        {"a tree that starts", "Supervisor(modules=[Worker('a'), hangs(0)])"},
        {"a restart in a tree", "Supervisor(modules=[Worker('a'), hangs(1)])"},
        {"a tree started at run time",
         "Supervisor(modules=[Worker('a'), lambda: run_register_process(hangs(0))])"},
        {"a restart in a tree started at run time",
         "Supervisor(modules=[Worker('a'), lambda: run_register_process(hangs(1))])"}
      ] do
    @tag :slow
    test "a @start that hangs is not waited for, and the others end in order: #{what}" do
      {status, lines, _} =
        run(
          "from rebeam import *\nfrom signals_tree import *\nfrom hanging import *\n" <>
            unquote(program),
          on: [{"ready", :signal, "SIGTERM"}],
          options: ["--log-level", "none"]
        )

      assert_status(status, 15, "SIGTERM")
      assert Enum.sort(lines) == ["ready", "stop a shutdown", "stop c shutdown"]
    end
  end

  describe "at any moment of a program's life" do
    @endless "import time\nprint('ready', flush=True)\ntime.sleep(1000)\n"
    @failing "print('ready', flush=True)\nraise SystemExit(1)\n"
    @restarting ~w(--restart on-failure --max-restarts 1000000)
    @watcher Path.expand("../../support/signal_at_random.py", __DIR__)

    # What did not end with the signal's status, of `count` starts.
    defp strays(count, signal, mask, program, options) do
      script = Path.join(Program.folder(%{"main.py" => program}), "main.py")
      arguments = ["--python", Program.python().executable | options] ++ [script]

      command =
        if mask == "mix", do: ["mix", "rebeam.run" | arguments], else: Program.vm(arguments)

      {out, 0} =
        System.cmd(
          Program.python().executable,
          [@watcher, "#{count}", signal, mask, "--" | command],
          env: [{"MIX_ENV", "test"}]
        )

      out
    end

    for {signal, count} <- [{"SIGTERM", 10}, {"SIGINT", 5}, {"SIGHUP", 5}] do
      @tag :slow
      test "#{signal} ends it with its status" do
        assert strays(unquote(count), unquote(signal), "blocked", @endless, []) == ""
      end

      @tag :slow
      test "#{signal} ends one that restarts again and again" do
        assert strays(unquote(count), unquote(signal), "blocked", @failing, @restarting) == ""
      end

      @tag :slow
      test "#{signal} ends it in the VM of Mix as well" do
        assert strays(3, unquote(signal), "mix", @endless, []) == ""
      end
    end

    for {signal, count} <- [{"SIGTERM", 60}, {"SIGINT", 20}, {"SIGHUP", 20}],
        {what, program, options} <- [
          {"one that runs", @endless, []},
          {"one that restarts", @failing, @restarting}
        ] do
      @tag :large
      @tag timeout: :infinity
      test "#{signal}, #{count} starts of #{what}" do
        assert strays(
                 unquote(count),
                 unquote(signal),
                 "blocked",
                 unquote(program),
                 unquote(options)
               ) ==
                 ""
      end
    end
  end

  @tag :slow
  test "what ports start has none of the masks under which the VM started" do
    result = Program.run("cli/signals/what_ports_inherit.py", via: :mix)
    # Under the sanitizers something is.
    preloaded = System.get_env("LD_PRELOAD", "None")
    assert result == %Program{out: "0 #{preloaded}\n", err: "", status: 0}

    env = [{"LD_PRELOAD", "libm.so.6"}]

    assert %{out: "0 libm.so.6\n"} =
             Program.run("cli/signals/what_ports_inherit.py", via: :mix, env: env)
  end

  test "what the first run made of a signal is not the second one's" do
    program = """
    import os, signal
    print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(3)
    """

    options = ~w(--restart on-failure --max-restarts 1 --max-seconds 1000)
    result = Program.run(program, options: options)
    assert %{status: 3, out: out} = result
    assert out == String.duplicate("True 0\n", 2)
  end
end
