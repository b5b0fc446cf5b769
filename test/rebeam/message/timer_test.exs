defmodule Rebeam.Message.TimerTest do
  # Messages that come later, once or again and again, and those that must not come.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "a message comes once, as a cast, not before its time, by every kind of target" do
    assert Program.lines!("message/timer/message_comes_once.py") == [
             "own None None",
             "[('at once', None)" <>
               Enum.map_join(1..4, fn n -> ", ('later', [#{n}, {'x': 1}])" end) <> "]",
             "True",
             "{(None, None)}",
             "[('plain', None)] baseline"
           ]
  end

  @tag :slow
  test "a name is looked up when the time is over, a process' end ends its timer" do
    assert Program.lines!("message/timer/name_is_looked_up_when_the_time_is_over.py") == [
             "[]",
             "None",
             "[('for the second', None)] None",
             "False [('after its starter', None), ('the same', None)] baseline"
           ]
  end

  @tag :slow
  test "an interval does not drift, until it is cancelled" do
    assert Program.lines!("message/timer/interval_does_not_drift.py") == [
             "True",
             "True True",
             "True None",
             "{('by id', None)} baseline"
           ]
  end

  @tag :slow
  test "an interval ends with who started it, and with its target" do
    assert Program.lines!("message/timer/interval_ends_with_who_started.py") == [
             "['of a thread', 'of an actor', 'of the body']",
             "[None, None, None, None, None]",
             "['of a thread', 'of the body']",
             "[True, True, True]",
             "0"
           ]
  end

  @tag :slow
  test "cancel_timer, from any process" do
    assert ["[True, True, True, True] 4", "[None, None, None, None]", left, last] =
             Program.lines!("message/timer/cancel_timer_from_any_process.py")

    assert String.to_float(left) > 0 and String.to_float(left) <= 1.5
    assert last == "None [('over', None)] baseline"
  end

  @tag :slow
  test "a hundred thousand timers at once" do
    assert Program.lines!("message/timer/hundred_thousand_timers_at_once.py") ==
             List.duplicate("True", 3) ++ List.duplicate("10000", 4) ++ ["True True", "baseline"]
  end

  @tag :slow
  test "what is wrong raises at once, and starts nothing" do
    each = fn least ->
      range = "ValueError: seconds must be a number from #{least} to 3153600000.0, not "

      [
        "TypeError: message[\"rows\"][0]: cannot pickle '_thread.lock' object",
        range <> "-1",
        range <> "inf",
        range <> "nan",
        "TypeError: seconds must be a number of seconds, not '1'",
        "TypeError: target must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 5",
        "TypeError: subject must be a str, not 5"
      ]
    end

    assert Program.lines!("message/timer/what_is_wrong_raises_at_once.py") ==
             each.("0.0") ++
               each.("0.001") ++
               [
                 "ValueError: seconds must be a number from 0.001 to 3153600000.0, not 0",
                 "TypeError: a timer is a Reference, not 5",
                 "[]"
               ]
  end

  test "a program ends though timers are left" do
    program = """
    from rebeam import *
    from timer_actors import *
    run_register_process(Sink("sink"))
    send_after(1000, "sink", "x")
    send_interval(0.001, "sink", "x")
    send_interval(0.001, self_pid(), "to the body, which takes none")
    sleep(0.05)
    print("over")
    """

    result = Program.run(program, options: ~w(--log-level none))
    assert %{status: 0, out: "over\n"} = result
  end
end
