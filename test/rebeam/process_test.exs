defmodule Rebeam.ProcessTest do
  # What a process knows of itself and of others: alive, labels, remote ids.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "is_alive: ids, names, the dead, the unknown" do
    program = """
    import threading
    from rebeam import *
    class Worker(GenPy):
        name = "worker"
        @receive("alive")
        def alive(self, message):
            return is_alive(message)
    pid = run_register_process(child(Worker, restart="temporary"))
    other = spawn(sleep, 60)
    def ask(*targets):
        print(*[is_alive(target) for target in targets])
    ask(pid, "worker", ("worker", pid.node), "nobody", other, self_pid())
    thread = threading.Thread(target=ask, args=(pid, "nobody"))
    thread.start()
    thread.join()
    exit(other, "kill")
    print(call("worker", "alive", other), call("worker", "alive", "worker"))
    exit(pid, "boom")
    while pid.alive():
        pass
    ask(pid, "worker")
    try:
        is_alive(3)
    except TypeError as error:
        print(error)
    """

    assert Program.lines!(program) == [
             "True True True False True True",
             "True False",
             "(<Status.OK: 'ok'>, False) (<Status.OK: 'ok'>, True)",
             "False False",
             "no target: 3"
           ]
  end

  test "processes of another node: alive, links and monitors, and the node's end" do
    program = """
    import os, subprocess, sys, time
    from rebeam import *

    class There(GenPy):
        name = "there"
        @receive("pid")
        def pid(self):
            return ProcessID()
        @receive("out")
        def out(self):
            os._exit(1)

    class Here(GenPy):
        name = "here"
        def __init__(self):
            self.saw = []
        @start()
        def begin(self):
            trap_exit()
        @receive("watch")
        def watch(self, message):
            link(message)
            monitor(message)
        @receive("alive")
        def alive(self, message):
            return message.alive(), is_alive(message)
        @receive("saw")
        def all(self):
            saw, self.saw = self.saw, []
            return sorted((type(each).__name__, each.reason) for each in saw)
        @info()
        def note(self, message):
            self.saw.append(message)

    def other_pid():
        for _ in range(500):
            status, pid = call(there, "pid")
            if status:
                return pid
            time.sleep(0.05)

    if sys.argv[1:] == ["there"]:
        Supervisor(modules=[There()])
    else:
        run_register_process(Here)
        here = self_pid().node
        name, host = here.replace("here", "there").split("@")
        there = ("there", f"{name}@{host}")
        command = ["mix", "rebeam.run", "--sname", name, "--connect", here, __file__, "there"]
        other = subprocess.Popen(command)
        pid = other_pid()
        print(pid.node == there[1], pid.alive(), is_alive(pid), call("here", "alive", pid)[1])
        call("here", "watch", pid)
        exit(pid, "over there")
        time.sleep(0.3)
        print(call("here", "saw")[1], pid.alive())
        pid = other_pid()
        call("here", "watch", pid)
        cast(pid, "out")
        other.wait()
        time.sleep(0.3)
        print(call("here", "saw")[1])
        print(pid.alive(), is_alive(pid), call("here", "alive", pid)[1])
    """

    options = ["--sname", "rebeam-here-#{System.pid()}"]
    result = Program.run(program, via: :mix, options: options)

    assert result.out ==
             "True True True (True, True)\n" <>
               "[('Down', 'over there'), ('Exit', 'over there')] False\n" <>
               "[('Down', 'noconnection'), ('Exit', 'noconnection')]\n" <>
               "False False (False, False)\n"
  end

  test "labels: by default what the process is, in tools and in crash reports" do
    program = """
    from rebeam import *
    class Worker(GenPy):
        @receive("label")
        def label(self, message):
            set_label(message)
        @receive("crash")
        def crash(self):
            raise ValueError("on purpose")
    class Named(Worker):
        name = "named"
    def function():
        sleep(60)
    for item in (child(Worker), child(Named()), child(Worker, name="given"), child(function)):
        item.options["restart"] = "temporary"
        run_register_process(item)
    spawn(function)
    call("given", "label", "shard 3")
    call("named", "crash")
    call("given", "crash")
    for bad in (3, None, "\\ud800"):
        try:
            set_label(bad)
        except (TypeError, ValueError) as error:
            print(type(error).__name__)
    set_label("the script")
    """

    result = Program.run(program)
    assert %{status: 0, out: "TypeError\nTypeError\nUnicodeEncodeError\n"} = result
    assert result.err =~ ~r/actor named #PID<[^>]*> crashed in @receive\("crash"\)/
    assert result.err =~ ~r/actor shard 3 #PID<[^>]*> crashed in @receive\("crash"\)/
  end

  test "Elixir processes and Python actors watch each other; reasons of any term are text" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    wait = fn wait -> Rebeam.whereis("watcher") || (Process.sleep(10) && wait.(wait)) end
    watcher = wait.(wait)
    show = &IO.inspect(&1, printable_limit: :infinity, width: 100_000)
    Process.flag(:trap_exit, true)
    seen = fn ->
      Process.sleep(50)
      {:ok, seen} = Rebeam.call(watcher, "seen", nil)
      show.(seen)
    end

    for reason <- [:normal, {:shutdown, "text"}, {:other, [1]}, <<255>>, "grün"] do
      pid = spawn(fn -> receive do: (:go -> exit(reason)) end)
      {:ok, nil} = Rebeam.call(watcher, "watch", pid)
      send(pid, :go)
      seen.()
    end

    # What only looks like a signal is one to who traps exits, as in OTP, and else a message.
    for name <- ["watcher", "plain"] do
      send(Rebeam.whereis(name), {:EXIT, self(), :looks})
      Process.sleep(50)
      {:ok, [{kind, _} | _]} = Rebeam.call(name, "seen", nil)
      show.(kind)
    end

    for name <- ["plain", "watcher"] do
      pid = Rebeam.whereis(name)
      Process.link(pid)
      Rebeam.call(name, "crash", nil)
      receive do: ({:EXIT, ^pid, {%Rebeam.PythonError{} = error, []}} -> show.(error.message))
    end

    Rebeam.Program.Script.stop(script, 0)
    receive do: ({:rebeam_script, ^script, _, _} -> :ok)
    System.halt(0)
    """

    python = """
    from rebeam import *
    class Plain(GenPy):
        def __init__(self, name, trap):
            self.name, self.trap, self.saw = name, trap, []
        @start()
        def begin(self):
            trap_exit(self.trap)
        @receive("watch")
        def watch(self, message):
            link(message)
            monitor(message)
        @receive("seen")
        def seen(self):
            saw, self.saw = self.saw, []
            return sorted(saw)
        @receive("crash")
        def crash(self):
            raise ValueError("seen from Elixir")
        @info()
        def note(self, message):
            self.saw.append((type(message).__name__, getattr(message, "reason", "")))
    def rest():
        sleep(1000)
    Supervisor(modules=[Plain("watcher", True), Plain("plain", False), rest])
    """

    folder = Program.folder(%{"main.py" => python})
    env = [{"PYTHON_UNDER_TEST", Program.python().executable}]
    result = Program.elixir(code, cd: folder, env: env)
    assert result.status == 0, result.err

    reasons = ["normal", "text", "{:other, [1]}", "<<255>>", "grün"]

    # The log is on standard output, too.
    lines = result.out |> String.split("\n", trim: true) |> Enum.filter(&(&1 =~ ~r/^["\[]/))

    assert lines ==
             for(reason <- reasons, do: inspect([{"Down", reason}, {"Exit", reason}])) ++
               [~s("Exit"), ~s("tuple"), ~s("seen from Elixir"), ~s("seen from Elixir")]
  end

  test "labels under the key that OTP's tools read" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", System.fetch_env!("SCRIPT"))
    receive do: ({:rebeam_script, _, _, _} -> :ok), after: (1500 -> :ok)
    for pid <- Process.list(), {_, dictionary} <- [Process.info(pid, :dictionary)],
        label = dictionary[:"$process_label"], do: IO.puts(label)
    System.halt(0)
    """

    script =
      Path.join(
        Program.folder(%{
          "main.py" => """
          import time
          from rebeam import *
          class Worker(GenPy):
              pass
          class Other(GenPy):
              @start()
              def begin(self):
                  set_label("set")
          def function():
              sleep(60)
          for item in (Worker, child(Worker, name="given"), Other, function):
              run_register_process(item)
          spawn(function)
          set_label("the script")
          time.sleep(60)
          """
        }),
        "main.py"
      )

    env = [{"SCRIPT", script}, {"PYTHON_UNDER_TEST", Program.python().executable}]
    result = Program.elixir(code, env: env)

    assert %{err: "", status: 0} = result

    assert result.out |> String.split("\n", trim: true) |> Enum.sort() ==
             ["Worker", "function", "function", "given", "set", "the script"]
  end
end
