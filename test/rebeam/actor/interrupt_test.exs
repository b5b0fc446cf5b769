defmodule Rebeam.Actor.InterruptTest do
  # call(..., interrupt=True): when its time is over, so is the target's work on that message,
  # and on no other.
  use ExUnit.Case, async: true

  alias Rebeam.{InterruptProgram, Program}

  @crashed InterruptProgram.crashed()

  @tag :slow
  test "code that computes, waits suspended, on its thread or in asyncio ends, and @stop runs" do
    expected =
      for subject <- ["loop", "sleep", "thread", "call", "async", "async loop"],
          line <- [@crashed, "#{subject} True"],
          do: line

    assert %{status: 0, out: out, err: err} =
             Program.run("actor/interrupt/code_that_computes_waits_suspended.py")

    assert String.split(out, "\n", trim: true) -- ["shutdown"] == expected ++ ["baseline"]
    assert err =~ ~r/actor target \(Target\) .* crashed in @receive\("loop"\)/
    assert err =~ ~r/line \d+, in loop\n/
  end

  @tag :slow
  test "what swallows it, or is stuck in C, is cut off in a second: fenced, counted, replaced" do
    assert %{status: 0, out: out, err: err} = Program.run("actor/interrupt/what_swallows.py")

    assert String.split(out, "\n", trim: true) -- ["shutdown"] ==
             ["swallow True", "True", "recurse True", "True", "async swallow True", "True"] ++
               ["stuck True", "True", "baseline"]

    assert length(String.split(err, "was interrupted\nCallInterrupted: its caller")) == 5
  end

  @tag :slow
  test "a handler that catches it, puts things right and ends keeps its actor" do
    line = "(<Status.TIMEOUT: 'timeout'>, None) (<Status.OK: 'ok'>, 0) True"

    assert InterruptProgram.lines!("actor/interrupt/handler_that_catches.py") ==
             List.duplicate(line, 4)
  end

  @tag :slow
  test "what waits in the queue is withdrawn; without interrupt nothing changes" do
    assert InterruptProgram.lines!("actor/interrupt/what_waits_in_the_queue_is_withdrawn.py") == [
             "True",
             "[<Status.TIMEOUT: 'timeout'>]",
             "(<Status.OK: 'ok'>, ['kept']) True",
             "(<Status.OK: 'ok'>, ['kept']) True",
             "(<Status.OK: 'ok'>, None) (<Status.DOWN: 'down'>, 'noproc')",
             "interrupt must be True or False, not 1",
             "interrupt must be True or False, not None",
             "interrupt must be True or False, not 'yes'"
           ]
  end

  @tag :slow
  test "withdrawn while the target starts, with the place that it had in a bounded mailbox" do
    assert InterruptProgram.lines!("actor/interrupt/withdrawn_while_it_starts.py") ==
             for(
               limit <- ["None", "2"],
               told <- ["timeout None", "timeout None", "ok ['kept']"],
               do: "limit #{limit} #{told}"
             )
  end

  @tag :slow
  test "the work that follows is never hit" do
    assert InterruptProgram.lines!("actor/interrupt/work_that_follows_is_never_hit.py")
           |> Enum.reject(&(&1 == @crashed)) == ["120 True True"]
  end
end
