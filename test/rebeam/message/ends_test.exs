defmodule Rebeam.Message.EndsTest do
  # A caller hears why its target ended, however soon after the call that was.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}
  alias Rebeam.Message.Ends

  @program "message/ends/who_ends_while_it_answers.py"

  @lines [
    "sys.exit down normal 60",
    "exit in a task down normal 60",
    "exit down shutdown 60",
    "kill down killed 60",
    "killed by another down killed 60",
    "asked to by another down because 60",
    "by its supervisor down shutdown 60",
    "baseline"
  ]

  @tag :slow
  test "who ends while it answers: the reason, never noproc" do
    assert Program.lines!(@program) == @lines
  end

  @tag :slow
  test "the same in process units" do
    assert Program.lines!(@program, options: ["--isolation", "process"]) == @lines
  end

  @tag :slow
  test "the same in interpreter units" do
    for %{executable: python} <- InterpreterProgram.pythons() do
      options = ["--isolation", "interpreter", "--python", python]
      assert {python, Program.lines!(@program, options: options)} == {python, @lines}
    end
  end

  defp watched(fun) do
    spawn_monitor(fn ->
      Ends.watched(Ends.watch())
      fun.()
    end)
  end

  test "a reason is known when the process is gone, for everybody who asks" do
    {pid, monitor} = watched(fn -> exit(:why) end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :why}
    assert [:why, :why] = for(_ <- 1..2, do: Ends.reason(pid))
  end

  test "nothing is known of one that was never watched" do
    {pid, monitor} = spawn_monitor(fn -> :ok end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :normal}
    assert Ends.reason(pid) == :noproc
  end

  test "who asks before its end is told waits for that" do
    this = self()

    {pid, _} =
      watched(fn ->
        send(this, :watched)
        receive do: (:end -> exit(:late))
      end)

    assert_receive :watched
    asking = Task.async(fn -> Ends.reason(pid) end)
    refute Task.yield(asking, 50)
    send(pid, :end)
    assert Task.await(asking) == :late
  end
end
