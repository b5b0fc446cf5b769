defmodule Rebeam.Units.AttackTest do
  # What was once wrong with process units.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @process ["--workers", "1", "--isolation", "process"]

  @tag :slow
  test "definitions: statements that share lines, decorators that ask the runtime" do
    assert Program.lines!("units/attack/definitions.py", options: @process) ==
             ["a", "b", "1 2", "c", "None", "None", "(5, 1)"]
  end

  @tag :slow
  test "a start at run time is told, though its unit is lost meanwhile" do
    assert %{out: "False 5\n"} =
             Program.run("units/attack/start_at_run_time_is_told.py",
               options: ["--workers", "2"]
             )
  end

  @tag :slow
  test "the crash for a lost unit is that of its first child: REST_FOR_ONE begins there" do
    assert %{out: "8 True\n"} =
             Program.run("units/attack/crash_for_a_lost_unit_is_that_of_its_first.py",
               options: ["--workers", "2"]
             )
  end

  @tag :slow
  test "a unit that is stopped is replaced once its connection has timed out" do
    options = [
      options: ["--workers", "1"],
      env: [{"ERL_FLAGS", "-kernel net_ticktime 4"}]
    ]

    result = Program.run("units/attack/unit_that_is_stopped_is_replaced_once.py", options)
    assert result.out == "True False\n"
    assert result.err =~ "did not answer any more: it was ended"
  end

  @tag :slow
  test "a unit that was lost a moment before the end does not delay it" do
    program = """
    import os, sys, time
    from rebeam import *
    class Worker(GenPy):
        @receive("pid")
        def pid(self): return os.getpid()
    def main():
        os.kill(call("worker", "pid")[1], int(sys.argv[1]))
        os.write(1, f"{time.monotonic()}\\n".encode())
    if __name__ == "__main__":
        Supervisor([child(Worker(), name="worker", isolation="process"),
                    child(main, restart="transient", significant=True)])
    """

    seconds = fn signal ->
      result = Program.run(program, args: [signal], options: ["--workers", "1"])
      {told, "\n"} = Float.parse(result.out)
      [up, _] = "/proc/uptime" |> File.read!() |> String.split(" ")
      String.to_float(up) - told
    end

    # Signal 0 does nothing. Not every end comes so close to the loss.
    without = seconds.("0")
    for _ <- 1..6, do: assert(seconds.("9") < 4 + without)
  end

  @tag :slow
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

    ask = fn name, subject ->
      wait_until(fn -> with {:ok, value} <- Rebeam.call(name, subject, nil), do: value, else: (_ -> nil) end)
    end

    for _ <- 1..4 do
      pid = ask.("a1", "pid")
      System.cmd("kill", ["-9", to_string(pid)])
      wait_until(fn -> ask.("a1", "pid") != pid end)
      IO.puts(Enum.map_join(names, " ", &ask.(&1, "who")))
    end

    Supervisor.stop(sup)
    """

    flags = "-sname rebeam#{System.pid()}two"
    result = Program.elixir(code, env: [{"ELIXIR_ERL_OPTIONS", flags}])
    lines = for "a" <> _ = line <- String.split(result.out, "\n"), do: line
    assert lines == List.duplicate("a a b b", 4)
  end
end
