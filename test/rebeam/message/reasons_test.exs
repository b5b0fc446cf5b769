defmodule Rebeam.Message.ReasonsTest do
  # A caller hears why its target ended, however soon after the call that was.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{InterpreterProgram, Program}
  alias Rebeam.Message.Reasons

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
      Reasons.watched(Reasons.watch())
      fun.()
    end)
  end

  test "a reason is known when the process is gone, for everybody who asks" do
    {pid, monitor} = watched(fn -> exit(:why) end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :why}
    assert [:why, :why] = for(_ <- 1..2, do: Reasons.reason(pid, false))
  end

  test "nothing is known of one that was never watched" do
    {pid, monitor} = spawn_monitor(fn -> :ok end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :normal}
    assert Reasons.reason(pid, false) == :noproc
  end

  test "who asks before its end is told waits for that" do
    this = self()

    {pid, _} =
      watched(fn ->
        send(this, :watched)
        receive do: (:end -> exit(:late))
      end)

    assert_receive :watched
    asking = Task.async(fn -> Reasons.reason(pid, false) end)
    refute Task.yield(asking, 50)
    send(pid, :end)
    assert Task.await(asking) == :late
  end

  test "an actor tells its reason as it ends; one that told none was killed" do
    {pid, monitor} = spawn_monitor(fn -> Reasons.ended(:why) && exit(:why) end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :why}
    assert Reasons.reason(pid, true) == :why

    {pid, monitor} = spawn_monitor(fn -> Process.exit(self(), :kill) end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :killed}
    assert Reasons.reason(pid, true) == :killed
  end

  test "reasons are kept for some seconds, and while there are any one timer runs" do
    {young, monitor} = spawn_monitor(fn -> Reasons.ended(:young) end)
    assert_receive {:DOWN, ^monitor, :process, ^young, :normal}
    # It is taken away and comes back, each time that somebody's time is over.
    assert wait_until(fn -> :ets.member(Reasons, :forgetting) end)
    old = spawn(fn -> :ok end)
    :ets.insert(Reasons, {old, :old, System.monotonic_time(:millisecond) - 6_000})
    send(Reasons, :forget)
    :sys.get_state(Reasons)
    assert Reasons.reason(old, true) == :killed
    assert Reasons.reason(young, true) == :young
    assert wait_until(fn -> :ets.member(Reasons, :forgetting) end)
  end
end
