defmodule Rebeam.Actor.KillMatrixTest do
  # Every way to end an actor's process against everything that its code may be at: the process is
  # gone at once, its successor answers, what the old code tells while it ends arrives, but it cannot
  # wait, nor answer its caller, and threads stuck in C are counted until they return.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @works ~w(loop swallow swallow_base recurse thread_sleep receive_bytes acquire c_sleep c_poll
            c_long suspended callback generate async swallowing background)

  defp run(way, shutdown, limit) do
    program =
      "from kill_matrix import *\nlast(lambda: matrix(#{inspect(way)}, #{shutdown}, #{limit}))\n"

    assert %{status: 0, out: out} = Program.run(program)
    assert String.split(out, "\n", trim: true) == results()
  end

  defp results,
    do:
      for(work <- @works, do: "#{work} True True") ++
        ["True ['broadcast', 'cast', 'late'] baseline"]

  # Bounds for a busy machine: what does not work takes for ever.
  @tag :slow
  test "exit(pid, kill)", do: run("kill", "60.0", 30)
  @tag :large
  test "terminate_child with brutal_kill", do: run("terminate", ~s("brutal_kill"), 30)
  @tag :large
  test "terminate_child after its time", do: run("terminate", "0.2", 30)
  @tag :large
  test "a supervisor's shutdown after its time", do: run("tree", "0.2", 30)

  @tag :slow
  test "a call's interrupt" do
    assert %{status: 0, out: out} = Program.run("actor/kill_matrix/calls_interrupt.py")

    assert String.split(out, "\n", trim: true) ==
             for(work <- @works -- ["background"], do: "#{work} True True") ++ ["True baseline"]
  end
end
