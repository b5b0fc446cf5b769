defmodule Rebeam.Actor.AsyncCallTest do
  # Calls in asynchronous code: the task waits, the loop does not.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "200 asleep, another answers at once; the counts return" do
    assert Program.lines!("actor/async_call/asleep.py") == [
             "suspended 201",
             "quick None",
             "200 True",
             "baseline"
           ]
  end

  @tag :slow
  test "plain calls, and helpers that call, do not stop the loop" do
    assert Program.lines!("actor/async_call/plain_calls.py") == [
             "True",
             "True",
             "True 50",
             "True"
           ]
  end

  @tag :slow
  test "everything in the loop knows its actor, whatever task or thread it is in" do
    assert Program.lines!("actor/async_call/everything_in_the_loop_knows_its_actor.py") == [
             "(<Status.OK: 'ok'>, (True, True, 33))",
             "baseline",
             "([0, 2, 4, 6, 8, 10, 12, 14, 16, 18], 2, True)",
             "(<Status.OK: 'ok'>, 6)",
             "baseline"
           ]
  end

  @tag :slow
  test "timeouts: of call, of asyncio around it; the late answer is nobody's" do
    assert Program.lines!("actor/async_call/timeouts.py") == [
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "timeout",
             "wait_for",
             "CancelledError",
             "0",
             "2",
             "4",
             "0",
             "2",
             "4",
             "(<Status.OK: 'ok'>, 'right')",
             "baseline"
           ]
  end

  @tag :slow
  test "10,000 calls at once from one handler; a crash of each of 300 actors" do
    assert Program.lines!("actor/async_call/calls_at_once_from_one_handler.py") == [
             "(<Status.OK: 'ok'>, True)",
             "baseline"
           ]
  end

  @tag :slow
  test "what asyncio offers to wait with, and every form of code that calls" do
    assert Program.lines!("actor/async_call/what_asyncio_offers_to_wait.py") == [
             "(2, 4)",
             "asyncasync",
             "10",
             "[0, 2, 4, 6]",
             "([0], [True, True])",
             "(16, 6)",
             "([0, 2, 4], {0: 0, 2: 4, 4: 8}, [0, 2])",
             "(2, 8, 12, [14], 'ff')",
             "(6, 6)",
             "(True, False, True, True)"
           ]
  end

  @tag :slow
  test "crashes, timeouts and cancellations under load: every answer is right, or there is none" do
    result = Program.run("actor/async_call/crashes.py")
    assert result.status == 0
    assert result.out == "True ['down', 'ok', 'timeout']\n"
    refute result.err =~ "never retrieved"
  end
end
