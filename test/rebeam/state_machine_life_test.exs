defmodule Rebeam.StateMachineLifeTest do
  # A state machine as a process: it waits, crashes, is restarted, shut down and looked at.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  defp lines(text), do: String.split(text, "\n", trim: true)
  defp entries(text), do: Regex.scan(~r/^\d\d:\d\d:\d\d\.\d+ \[\w+\]/m, text)

  test "while a handler waits, other events wait, and no thread does" do
    program = """
    from rebeam import *
    from rebeam._runtime import rebeam_info

    class Slow(GenPy):
        name = "slow"
        @receive("double")
        def double(self, message):
            sleep(1.0)
            return message * 2

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "idle"
        def __init__(self):
            self.log = []
        @enter("busy")
        def entered(self):
            sleep(0.01)
            self.log.append("entered")
        @event("work", state="idle")
        def work(self, message):
            self.log.append("begin")
            with self:
                results = [call("slow", "double", n)[1] for n in message]
            self.log.append("end")
            return next_state("busy", results, timeout=0)
        def __enter__(self):
            sleep(0.01)
        def __exit__(self, *error):
            register("while it works")
            unregister("while it works")
        @timeout(state="busy")
        def rest(self):
            self.log.append("timeout")
            return next_state("idle")
        @event("note", state="idle")
        def note(self, message):
            self.log.append(message)
            return list(self.log)

    def work():
        print(call("machine", "work", [1, 2]), flush=True)

    def drive():
        run_register_process(child(work, restart="temporary"))
        sleep(0.15)
        info = rebeam_info()
        print(info["blocked"], info["suspended"] >= 2)
        cast("machine", "note", "first")
        print(call("machine", "note", "late", timeout=0.1))
        print(call("slow", "double", 5))          # the others go on meanwhile
        print(call("machine", "note", "second"))
        print(call("machine", "note", "third")[0])
    Supervisor(modules=[Slow, Machine(), child(drive, restart="transient", significant=True)])
    """

    assert Program.lines!(program) == [
             "0 True",
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "(<Status.OK: 'ok'>, 10)",
             "(<Status.OK: 'ok'>, [2, 4])",
             "(<Status.OK: 'ok'>, ['begin', 'end', 'entered', 'timeout', 'first', 'late', 'second'])",
             "ok"
           ]
  end

  test "calls from a state machine: to itself, to nobody, in time and too late" do
    program = """
    from rebeam import *

    class Slow(GenPy):
        name = "slow"
        @receive("sleep")
        def rest(self, message):
            sleep(message)
            return message
        @receive("die")
        def die(self):
            raise ValueError("slow died")

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "idle"
        @event("call")
        def forward(self, message):
            target, subject, what, seconds = message
            try:
                status, response = call(target, subject, what, timeout=seconds)
                return [str(status), str(response).strip().splitlines()[-1]]
            except RuntimeError as error:
                return str(error)
        @event("sort")
        def sort(self, message):
            return sorted(message, key=lambda n: call("slow", "sleep", n)[1])
        @info()
        def note(self, message):
            print("info", message)

    def ask(*message):
        print(call("machine", "call", message, timeout=20))

    def drive():
        ask("slow", "sleep", 0.01, 5)
        ask("machine", "call", 1, 5)
        ask("nobody", "x", 1, 5)
        ask("slow", "sleep", 0.3, 0.05)
        ask("slow", "sleep", 0.02, 5)
        ask("slow", "sleep", 0.3, 0.05)
        ask("slow", "sleep", 0.01, None)
        print(call("machine", "sort", [0.03, 0.01, 0.02]))
        ask("slow", "die", 1, 5)
        sleep(0.3)
        ask("slow", "sleep", 0.01, 5)
    Supervisor(modules=[Slow, Machine, child(drive, restart="transient", significant=True)])
    """

    result = Program.run(program)
    assert result.status == 0
    assert [_] = entries(result.err)

    assert lines(result.out) == [
             "(<Status.OK: 'ok'>, ['ok', '0.01'])",
             "(<Status.OK: 'ok'>, 'an actor cannot call itself: it would wait for its own answer')",
             "(<Status.OK: 'ok'>, ['down', 'noproc'])",
             "(<Status.OK: 'ok'>, ['timeout', 'None'])",
             "(<Status.OK: 'ok'>, ['ok', '0.02'])",
             "(<Status.OK: 'ok'>, ['timeout', 'None'])",
             "(<Status.OK: 'ok'>, ['ok', '0.01'])",
             "(<Status.OK: 'ok'>, [0.01, 0.02, 0.03])",
             "(<Status.OK: 'ok'>, ['down', 'ValueError: slow died'])",
             "(<Status.OK: 'ok'>, ['ok', '0.01'])"
           ]
  end

  test "a crash: everybody who waits gets DOWN with the traceback, one log entry, a fresh machine" do
    program = """
    from rebeam import *

    class Machine(GenStateMachine):
        def __init__(self, first):
            self.name = "machine"
            self.initial_state = "a"
            self.list = first
        @event("go", state="a")
        def go(self):
            self.list.append("gone")
            return next_state("b", self.list)
        @event("go", state="b")
        def wait(self):
            return postpone()
        @event("fail", state="b")
        def fail(self, message):
            sleep(message)
            raise ValueError("on purpose")
        @event("look")
        def look(self):
            return [self.state, self.list]
        @stop()
        def bye(self, reason):
            print("stop in", self.state, reason.splitlines()[-1], flush=True)

    told = []

    def ask(subject):
        def run():
            status, reason = call("machine", subject, 0.8)
            told.append(subject)
            print(subject, status, reason.splitlines()[0], reason.splitlines()[-1], flush=True)
        return run_register_process(child(run, restart="temporary"))

    def drive():
        print(call("machine", "go"))
        ask("go")
        sleep(0.1)
        ask("fail")
        sleep(0.1)
        ask("look")
        while len(told) < 3 or not (answer := call("machine", "look"))[0]:
            sleep(0.01)
        sleep(0.1)
        print(answer)
        call("machine", "go")
        status, reason = call("machine", "fail", 0)
        print(status, reason)
        while not (answer := call("machine", "look"))[0]:
            sleep(0.001)
        print(answer)
        sleep(0.1)
    Supervisor(modules=[Machine([1]), child(drive, restart="transient", significant=True)])
    """

    result = Program.run(program)
    assert result.status == 0
    assert [first, stop | rest] = lines(result.out)
    assert first == "(<Status.OK: 'ok'>, [1, 'gone'])"
    assert stop == "stop in b ValueError: on purpose"
    {told, rest} = Enum.split(rest, 3)

    assert Enum.sort(told) ==
             for(
               s <- ~w(fail go look),
               do: "#{s} down Traceback (most recent call last): ValueError: on purpose"
             )

    assert [
             "(<Status.OK: 'ok'>, ['a', [1]])",
             "stop in b" <> _,
             "down Traceback" <> _,
             line | rest
           ] = rest

    # No frame but the user's.
    assert line =~ ~r/main.py", line 18, in fail$/

    assert Enum.slice(rest, -3, 3) == [
             "ValueError: on purpose",
             "(<Status.OK: 'ok'>, ['a', [1]])",
             "stop in a shutdown"
           ]

    assert [_, _] = entries(result.err)

    assert result.err =~
             ~r/\[error\] actor machine #PID<[\d.]+> crashed in @event\("fail", state="b"\)/

    assert result.err =~ "message: 0.8"
    assert result.err =~ "'list': [1, 'gone']"
    refute result.err =~ "_statem.py"
  end

  test "crashes in @enter, @timeout, @info, and sys.exit" do
    program = """
    import sys
    from rebeam import *

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "a"
        @event("go")
        def go(self, message):
            return next_state(message, "going", timeout=0)
        @enter("enter")
        def fail_there(self):
            raise ValueError("in enter")
        @timeout(state="timeout")
        def fail_then(self):
            raise ValueError("in timeout")
        @timeout()
        def time(self):
            pass
        @timeout(name="x")
        def named(self):
            raise ValueError("in named")
        @event("named")
        def set(self):
            return keep_state(timeouts={"x": 0})
        @info()
        def note(self, message):
            raise ValueError("in info")
        @event("exit")
        def leave(self, message):
            sys.exit(message)

    def settle():
        while not call("machine", "nothing")[0] == Status.ERROR:
            sleep(0.005)

    def drive():
        for state in ("enter", "timeout"):
            print(call("machine", "go", state))
            settle()
        cast("machine", "named")
        settle()
        send("machine", 1)
        settle()
        print(call("machine", "exit", 3))
        settle()
        print(call("machine", "exit", 0))
        settle()
    Supervisor(modules=[Machine, child(drive, restart="transient", significant=True)], max_restarts=10)
    """

    result = Program.run(program)
    assert result.status == 0

    assert lines(result.out) == [
             "(<Status.OK: 'ok'>, 'going')",
             "(<Status.OK: 'ok'>, 'going')",
             "(<Status.DOWN: 'down'>, 'SystemExit: 3')",
             "(<Status.DOWN: 'down'>, 'normal')"
           ]

    assert length(entries(result.err)) == 5
    assert result.err =~ ~r/crashed in @enter\("enter"\)\n/
    assert result.err =~ ~r/crashed in @timeout, state timeout, state "timeout"\n/
    assert result.err =~ ~r/crashed in @timeout, timeout "x", state "a"\n/
    assert result.err =~ ~r/crashed in @info, state "a"\n  message: 1\n/
    assert result.err =~ ~r/ended with status 3 in @event\("exit", state="a"\)/
  end

  test "shut down while a handler waits: ActorExit, then @stop, within the shutdown time" do
    program = """
    import time
    from rebeam import *

    class Machine(GenStateMachine):
        initial_state = "idle"
        def __init__(self, name, wait):
            self.name = name
            self.wait = wait
        @event("wait")
        def rest(self, source):
            try:
                if self.wait == "sleep":
                    sleep(1000)
                elif self.wait == "call":
                    call("hole", "fall", timeout=None)
                elif self.wait == "thread":
                    sorted([1, 2], key=lambda n: sleep(1000))
                else:
                    run_register_process(child(Machine("never", "start")))
            except ActorExit:
                print(self.name, "exit", flush=True)
                if self.wait == "call":
                    return "answered"
                raise
            finally:
                print(self.name, "finally", flush=True)
        @start()
        def begin(self):
            if self.wait == "start":
                sleep(1000)
        @stop()
        def bye(self, reason):
            sleep(0.01)
            print(self.name, "stop", reason, flush=True)

    class Quiet(Machine):
        @stop()
        def bye(self, reason):
            pass

    class Hole(GenPy):
        name = "hole"
        @receive("fall")
        def fall(self):
            sleep(1000)

    def ask(name):
        def run():
            print(name, "told", *call(name, "wait", timeout=None), flush=True)
        return child(run, id="ask " + name, restart="temporary")

    def drive():
        for name in ("a", "b", "c", "d"):
            run_register_process(ask(name))
        sleep(0.5)
        print("end", flush=True)
    Supervisor(modules=[
        Hole, Machine("a", "sleep"), Machine("b", "call"), Machine("c", "thread"),
        Machine("d", "operation"), child(drive, restart="transient", significant=True)])
    """

    result = Program.run(program)
    assert result.status == 0
    ["end" | rest] = lines(result.out)
    own = fn name -> Enum.filter(rest, &String.starts_with?(&1, name <> " ")) -- told(name) end

    # None was killed at the end of its five seconds.
    for name <- ~w(a b c d) do
      assert own.(name) == ["#{name} exit", "#{name} finally", "#{name} stop shutdown"]
    end

    # In the reverse order of their start.
    stops = Enum.filter(rest, &(&1 =~ "stop shutdown"))
    assert Enum.map(stops, &String.first/1) == ~w(d c b a)
    assert "a told down shutdown" in rest
    assert "b told ok answered" in rest
    assert result.err == ""
  end

  defp told(name), do: ["#{name} told down shutdown", "#{name} told ok answered"]

  test "sys sees an ordinary state machine" do
    python = """
    from rebeam import *
    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "one"
        states = ("one", "two")
        @event("go")
        def go(self, message):
            return next_state(message, [self.state, message], timeouts={"x": 1000})
        @timeout(name="x")
        def x(self): pass
        @event("wait")
        def wait(self):
            return postpone()
        @event("sleep")
        def rest(self, message):
            sleep(message)
        @info()
        def note(self, message):
            self.noted = message
        @event("noted")
        def tell(self):
            return [type(self.noted).__name__, str(self.noted.pid), self.noted.reason]
    def silent():
        sleep(1000)
    Supervisor(modules=[Machine, silent])
    """

    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    wait = fn wait -> Rebeam.whereis("machine") || (Process.sleep(10) && wait.(wait)) end
    machine = wait.(wait)
    {"one", data} = :sys.get_state(machine)
    IO.inspect(data.label)
    IO.inspect(Rebeam.call("machine", "go", "two"))
    {"two", _} = :sys.get_state(machine)
    Rebeam.cast("machine", "wait", nil)
    Rebeam.call("machine", "nothing", nil)
    {:status, ^machine, {:module, module}, [_, _, _, _, items]} = :sys.get_status(machine)
    IO.inspect(module)
    [data] = for {:data, data} <- items, {~c"Postponed", _} <- data, do: data
    {_, [{:cast, {:rebeam, subject, _, _, _}}]} = List.keyfind(data, ~c"Postponed", 0)
    {_, {1, [{{:timeout, "x"}, nil}]}} = List.keyfind(data, ~c"Time-outs", 0)
    IO.inspect(subject)
    :sys.replace_state(machine, fn {"two", data} -> {"one", data} end)
    IO.inspect(Rebeam.call("machine", "go", "two"))
    :ok = :sys.suspend(machine)
    IO.inspect(Rebeam.call("machine", "go", "one", 50))
    :ok = :sys.resume(machine)
    IO.inspect(Rebeam.call("machine", "go", "two"))
    :ok = :sys.trace(machine, false)
    IO.inspect(GenServer.call(machine, :other))
    GenServer.cast(machine, :other)
    send(machine, fn -> :a_fun end)
    GenServer.cast(machine, {:rebeam, :not, :ours, nil, nil})
    IO.inspect(GenServer.call(machine, {:rebeam, :not, :ours}))
    send(machine, {:DOWN, make_ref(), :process, self(), {:shutdown, :over}})
    {:ok, [kind, pid, reason]} = Rebeam.call(machine, "noted", nil)
    IO.inspect({kind, "#PID" <> pid == inspect(self()), reason})
    {:dictionary, dictionary} = Process.info(machine, :dictionary)
    IO.inspect(dictionary[:"$initial_call"])
    Process.exit(machine, :kill)
    again = fn again -> (pid = Rebeam.whereis("machine")) != machine and pid != nil || (Process.sleep(10) && again.(again)) end
    again.(again)
    {"one", _} = :sys.get_state(Rebeam.whereis("machine"))
    spawn(fn -> Rebeam.call("machine", "sleep", 1000) end)
    Process.sleep(100)
    machine = Rebeam.whereis("machine")
    Process.exit(machine, :shutdown)
    again = fn again -> (pid = Rebeam.whereis("machine")) != machine and pid != nil || (Process.sleep(10) && again.(again)) end
    again.(again)
    {"one", _} = :sys.get_state(Rebeam.whereis("machine"))
    Rebeam.Program.Script.stop(script, 0)
    receive do
      {:rebeam_script, ^script, {:status, 0}, :over} -> IO.puts("over")
    end
    """

    folder = Program.folder(%{"main.py" => python})
    env = [{"PYTHON_UNDER_TEST", Program.python().executable}]
    result = Program.elixir(code, cd: folder, env: env)

    assert lines(result.out) == [
             ~s("Machine"),
             ~s({:ok, ["one", "two"]}),
             ":gen_statem",
             ~s("wait"),
             ~s({:ok, ["one", "two"]}),
             "{:timeout, nil}",
             ~s({:ok, ["one", "two"]}),
             "{:error, :not_a_rebeam_call}",
             "{:error, :not_a_rebeam_call}",
             ~s({"Down", true, "over"}),
             "{Rebeam.StateMachine, :init, 1}",
             "over"
           ],
           result.err

    assert result.status == 0
  end

  test "a long mailbox is taken in its order, and handlers that wait do not lose what is behind" do
    program = """
    from rebeam import *
    class Machine(GenStateMachine):
        initial_state = "a"
        states = ("a", "b")
        def __init__(self):
            self.seen = []
        @event("n", state="a")
        def first(self, message):
            if message % 5000 == 0:
                sleep(0.01)
                whereis("nobody")
            if message % 7000 == 0:
                return next_state("b", postpone=True)
            self.seen.append(message)
        @event("n", state="b")
        def second(self, message):
            self.seen.append(message)
            return next_state("a")
        @event("seen")
        def all(self):
            return self.seen == list(range(30000)), len(self.seen)
    def drive():
        machine = run_register_process(Machine())
        for n in range(30000):
            cast(machine, "n", n)
        print(call(machine, "seen", timeout=60))
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert Program.lines!(program) == ["(<Status.OK: 'ok'>, (True, 30000))"]
  end

  test "the counts are back at their baseline after crashes, postpones, timers and waits" do
    program = """
    from rebeam import *
    from baseline import counts, settled

    class Machine(GenStateMachine):
        initial_state = "a"
        @event("go", state="a")
        def go(self):
            return next_state("b", timeout=100, timeouts={"x": 100})
        @event("go", state="b")
        def wait(self):
            return postpone()
        @timeout(state="b")
        def first(self): pass
        @timeout(name="x")
        def x(self): pass
        @event("sleep")
        def rest(self, message):
            sleep(message)
            return b"x" * 5000
        @event("fail")
        def fail(self):
            raise ValueError
        @event("exit")
        def leave(self):
            raise SystemExit

    def drive():
        call(run_register_process(child(Machine, restart="temporary")), "exit")
        before = counts()
        for n in range(20):
            machine = run_register_process(child(Machine, restart="temporary"))
            call(machine, "go")
            cast(machine, "go", b"y" * 5000, sender_pid=self_pid())
            call(machine, "sleep", 0.001)
            call(machine, "sleep", 1, timeout=0.01) if n == 3 else None
            if n % 2:
                call(machine, "fail")
            else:
                call(machine, "exit")
        print(settled(before))
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    result = Program.run(program)
    assert %{status: 0, out: "baseline\n"} = result
    assert length(entries(result.err)) == 10
  end
end
