defmodule Rebeam.Message.CallTest do
  # The ways in which a call ends without an answer, and that the next one is right.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "TIMEOUT, then good calls: the late reply is never delivered" do
    once = ["timeout None", "ok 1", "ok 2", "ok 3", "ok 4", "ok 5"]

    assert Program.lines!("message/call/timeout.py") ==
             once ++
               once ++
               [
                 "timeout None",
                 "ok 6 ok 7",
                 "['late', 3, 'late', 3, 'late'] baseline"
               ]
  end

  @tag :slow
  test "timeouts on the plain path" do
    assert Program.lines!("message/call/timeouts_on_the_plain_path.py") == [
             "timeout None",
             "ok 30.0",
             "timeout None",
             "ok None",
             "baseline"
           ]
  end

  test "a call to oneself is an error at once" do
    error = "RuntimeError an actor cannot call itself: it would wait for its own answer"

    assert Program.lines!("message/call/call_to_oneself_is_an_error_at_once.py") == [
             error,
             error,
             inspect_python([error, error]),
             "True",
             "baseline"
           ]
  end

  defp inspect_python(texts), do: "[" <> Enum.map_join(texts, ", ", &"'#{&1}'") <> "]"

  test "A calls B calls A ends by timeout, and both go on" do
    assert Program.lines!("message/call/calls_b_calls_a_ends_by_timeout.py") == [
             "(<Status.OK: 'ok'>, 'a: ok bottom')",
             "(<Status.OK: 'ok'>, 'a: ok b: timeout None')",
             "(<Status.OK: 'ok'>, 'bottom') (<Status.OK: 'ok'>, 'bottom')",
             "b: ok bottom",
             "baseline"
           ]
  end

  test "DOWN for who is not there, or ends before it answers" do
    assert Program.lines!("message/call/down_for_who_is_not_there.py") == [
             "down",
             "down noproc down noproc False",
             "down noproc down noproc False",
             "down noproc down noproc False",
             "baseline",
             "down",
             "baseline"
           ]
  end

  @tag :slow
  test "killed while it waits: nothing runs on, the answer goes nowhere" do
    assert Program.lines!("message/call/killed_while_it_waits.py") == [
             "suspended fine None",
             "plain fine None",
             "baseline [1, 1]"
           ]
  end

  @tag :slow
  test "replies find their callers under load" do
    assert Program.lines!("message/call/replies_find_their_callers_under_load.py") == [
             "True",
             "baseline"
           ]
  end

  test "wrong arguments are errors of the caller" do
    lines = Program.lines!("message/call/wrong_arguments_are_errors_of_the_caller.py")
    assert length(lines) == 12
    assert Enum.all?(lines, &(&1 =~ ~r/^(TypeError|ValueError) /))
    assert Enum.at(lines, 0) =~ "subject"
    assert Enum.at(lines, 1) =~ "5"
    assert Enum.at(lines, 2) =~ "5"
    assert Enum.at(lines, 4) =~ "-1"
    assert Enum.at(lines, 7) =~ "massage"
    assert Enum.at(lines, 8) =~ "target"
  end
end
