defmodule Rebeam.Message.ReasonsTest do
  # A caller hears why its target ended, however soon after the call that was.
  use ExUnit.Case, async: true

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
    assert [:why, :why] = for(_ <- 1..2, do: Reasons.reason(pid))
  end

  test "nothing is known of one that was never watched" do
    {pid, monitor} = spawn_monitor(fn -> :ok end)
    assert_receive {:DOWN, ^monitor, :process, ^pid, :normal}
    assert Reasons.reason(pid) == :noproc
  end

  test "who asks before its end is told waits for that" do
    this = self()

    {pid, _} =
      watched(fn ->
        send(this, :watched)
        receive do: (:end -> exit(:late))
      end)

    assert_receive :watched
    asking = Task.async(fn -> Reasons.reason(pid) end)
    refute Task.yield(asking, 50)
    send(pid, :end)
    assert Task.await(asking) == :late
  end

  test "one timer runs while reasons are kept, however often processes end; then none" do
    server = start_supervised!(%{id: :own, start: {GenServer, :start_link, [Reasons, nil]}})
    :erlang.trace(server, true, [:call])
    :erlang.trace_pattern({:erlang, :send_after, :_}, true, [])

    ended = fn -> send(server, {:DOWN, make_ref(), :process, spawn(fn -> :ok end), :why}) end

    # How many it has begun by the end of that.
    timers = fn messages ->
      for message <- messages,
          do: if(message == :ended, do: ended.(), else: send(server, message))

      :sys.get_state(server)
      delivered = :erlang.trace_delivered(server)
      assert_receive {:trace_delivered, ^server, ^delivered}
      begun(server, 0)
    end

    assert timers.([:ended, :ended]) == 1
    assert timers.([:forget]) == 1
    assert timers.([:ended, :ended]) == 0
    assert timers.([:forget]) == 1
    assert map_size(:sys.get_state(server).before) == 2
    assert timers.([:forget]) == 0
    assert timers.([:ended]) == 1
    :erlang.trace_pattern({:erlang, :send_after, :_}, false, [])
  end

  defp begun(server, count) do
    receive do
      {:trace, ^server, :call, {:erlang, :send_after, _}} -> begun(server, count + 1)
    after
      0 -> count
    end
  end
end
