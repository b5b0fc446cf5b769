defmodule Rebeam.Units.AttackTest do
  # What was once wrong with process units.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @process ["--workers", "1", "--isolation", "process"]

  test "definitions: statements that share lines, decorators that ask the runtime" do
    program = """
    from rebeam import *
    print("a"); print("b")
    print(1,
          2); print("c"); q = 1
    def ask(item):
        print(whereis("nobody"))
        return item
    class Echo(GenPy):
        @receive("echo")
        def echo(self, message): return message, q
    @ask
    class Late: pass
    @ask
    def late(): pass
    def main():
        print(call("echo", "echo", 5)[1])
    if __name__ == "__main__":
        Supervisor([child(Echo(), name="echo"),
                    child(main, isolation="shared", restart="transient", significant=True)])
    """

    assert Program.lines!(program, options: @process, limit: 50) ==
             ["a", "b", "1 2", "c", "None", "None", "(5, 1)"]
  end

  test "a start at run time is told, though its unit is lost meanwhile" do
    program = """
    import os
    from rebeam import *
    class Slow(GenPy):
        def __init__(self, seconds): self.seconds = seconds
        @start()
        def begin(self): sleep(self.seconds)
        @receive("pid")
        def pid(self): return os.getpid()
    def ask():
        cast("told", "add", call(start_child("all", child(Slow(2), isolation="process")), "pid")[1])
    class Told(GenPy):
        def __init__(self): self.pids = []
        @receive("add")
        def add(self, message): self.pids.append(message)
        @receive("all")
        def all(self): return self.pids
    def main():
        lost = call(start_child("all", child(Slow(0), isolation="process")), "pid")[1]
        for _ in range(4):
            spawn(ask)
        sleep(1)
        os.kill(lost, 9)
        while len(told := call("told", "all")[1]) < 4: sleep(0.05)
        print(lost in told, count_children("all")["active"])
    if __name__ == "__main__":
        Supervisor([DynamicSupervisor(name="all"), child(Told(), name="told"),
                    child(main, restart="transient", significant=True)])
    """

    assert %{out: "False 5\n"} = Program.run(program, options: ["--workers", "2"], limit: 50)
  end

  test "the crash for a lost unit is that of its first child: REST_FOR_ONE begins there" do
    program = """
    import os
    from rebeam import *
    names = [f"w{n}" for n in range(16)]
    class Worker(GenPy):
        @receive("pid")
        def pid(self): return os.getpid()
    def ask(name):
        while True:
            status, value = call(name, "pid")
            if status:
                return value
            sleep(0.02)
    def main():
        where, before = {n: ask(n) for n in names}, {n: whereis(n) for n in names}
        unit = where["w3"]
        lost = [n for n in names if where[n] == unit]
        os.kill(unit, 9)
        while whereis("w15") in (None, before["w15"]): sleep(0.02)
        for n in names: ask(n)
        kept = [n for n in names if whereis(n) == before[n]]
        print(len(lost), kept == names[:names.index(lost[0])])
    if __name__ == "__main__":
        Supervisor([Supervisor([child(Worker(), name=n, isolation="process") for n in names],
                               strategy=REST_FOR_ONE, max_restarts=1),
                    child(main, restart="transient", significant=True)])
    """

    assert %{out: "8 True\n"} = Program.run(program, options: ["--workers", "2"], limit: 50)
  end

  test "a unit that is stopped is replaced once its connection has timed out" do
    program = """
    import os, signal
    from rebeam import *
    class Worker(GenPy):
        @receive("pid")
        def pid(self): return os.getpid()
    def main():
        first = call("worker", "pid")[1]
        os.kill(first, signal.SIGSTOP)
        while open(f"/proc/{first}/stat").read().split(") ")[1][0] != "T": sleep(0.01)
        while True:
            status, value = call("worker", "pid")
            if status: break
            sleep(0.1)
        print(value != first, os.path.exists(f"/proc/{first}"))
    if __name__ == "__main__":
        Supervisor([child(Worker(), name="worker", isolation="process"),
                    child(main, restart="transient", significant=True)])
    """

    options = [
      options: ["--workers", "1"],
      env: [{"ERL_FLAGS", "-kernel net_ticktime 4"}],
      limit: 50
    ]

    result = Program.run(program, options)
    assert result.out == "True False\n"
    assert result.err =~ "did not answer any more: it was ended"
  end

  test "a unit that was lost a moment before the end does not delay it" do
    program = """
    import os, time
    from rebeam import *
    class Worker(GenPy):
        @receive("pid")
        def pid(self): return os.getpid()
    def main():
        os.kill(call("worker", "pid")[1], 9)
        os.write(1, f"{time.monotonic()}\\n".encode())
    if __name__ == "__main__":
        Supervisor([child(Worker(), name="worker", isolation="process"),
                    child(main, restart="transient", significant=True)])
    """

    # Not every end comes so close to the loss.
    for _ <- 1..6 do
      result = Program.run(program, options: ["--workers", "1"], limit: 50)
      {told, "\n"} = Float.parse(result.out)
      [up, _] = "/proc/uptime" |> File.read!() |> String.split(" ")
      assert String.to_float(up) - told < 4
    end
  end

  test "of several scripts in one VM, each has its own actors again after the loss of a unit" do
    script = """
    import os
    from rebeam import *
    class Worker(GenPy):
        @receive("who")
        def who(self): return __file__.split(os.sep)[-2]
        @receive("pid")
        def pid(self): return os.getpid()
    folder = os.path.basename(os.path.dirname(os.path.abspath(__file__)))
    if __name__ == "__main__":
        Supervisor([child(Worker(), name=f"{folder}{n}", isolation="process") for n in "12"],
                   max_restarts=20)
    """

    folder = Program.folder(%{"a/main.py" => script, "b/main.py" => script})

    code = """
    Application.put_env(:rebeam, :workers, 1)
    Application.put_env(:rebeam, :python, #{inspect(Program.python().executable)})
    scripts = for each <- ["a", "b"], do: {Rebeam, script: "#{folder}/\#{each}/main.py", name: :"\#{each}"}
    {:ok, sup} = Supervisor.start_link(scripts, strategy: :one_for_one)
    names = ~w(a1 a2 b1 b2)

    ask = fn ask, name, subject ->
      case Rebeam.call(name, subject, nil) do
        {:ok, value} -> value
        _ -> Process.sleep(50) && ask.(ask, name, subject)
      end
    end

    for _ <- 1..4 do
      System.cmd("kill", ["-9", to_string(ask.(ask, "a1", "pid"))])
      Process.sleep(200)
      IO.puts(Enum.map_join(names, " ", &ask.(ask, &1, "who")))
    end

    Supervisor.stop(sup)
    """

    flags = "-sname rebeam#{System.pid()}two"
    result = Program.elixir(code, env: [{"ELIXIR_ERL_OPTIONS", flags}], limit: 80)
    lines = for "a" <> _ = line <- String.split(result.out, "\n"), do: line
    assert lines == List.duplicate("a a b b", 4)
  end
end
