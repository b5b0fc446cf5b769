defmodule Rebeam.StateMachineTest do
  # GenStateMachine as its user sees it. Its order against gen_statem's own is in
  # state_machine/order_test.exs, its errors in state_machine/error_test.exs.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # `drive` runs beside a Door; the program ends with it.
  defp door(drive) do
    drive = String.replace(String.trim_trailing(drive), "\n", "\n    ")

    Program.lines!("""
    from rebeam import *
    from door import *
    from waiting import wait_until

    def drive():
        register("drive")
        #{drive}
    Supervisor(modules=[Door(), child(drive, restart="transient", significant=True)])
    """)
  end

  @tag :slow
  test "a turnstile: what an event does depends on the state" do
    assert door("""
           print(call("door", "push"))
           print(call("door", "look"))
           print(call("door", "coin", 5.0))
           print(call("door", "look"))
           print(call("door", "push", {"who": "me"}))
           print(call("door", "look")[1][:2])
           """) == [
             "(<Status.ERROR: 'error'>, 'locked')",
             "(<Status.OK: 'ok'>, ['locked', 'locked', 'look', None, True])",
             "(<Status.OK: 'ok'>, None)",
             "(<Status.OK: 'ok'>, ['unlocked', 'unlocked', 'look', None, True])",
             "(<Status.OK: 'ok'>, ['through', {'who': 'me'}])",
             "['locked', 'locked']"
           ]
  end

  @tag :slow
  test "the state timeout changes the state, unless the state changed before" do
    assert door("""
           call("door", "coin", 0.1)
           for _ in range(20):       # events do not put it off
               sleep(0.01)
               call("door", "look")
           print(wait_until(lambda: (now := call("door", "look")[1][0]) == "locked" and now))
           call("door", "coin", 0.1)
           call("door", "push")
           call("door", "coin", 10)
           sleep(0.2)                # the first timeout is gone with its state
           print(call("door", "look")[1][0])
           print(call("door", "history")[1])
           """) == [
             "locked",
             "unlocked",
             "[[None, 'locked'], ['unlocked', 'locked'], ['unlocked', 'locked']]"
           ]
  end

  @tag :slow
  test "what is postponed comes after the change of state, in order, before what came later" do
    assert Program.lines!("state_machine/what_is_postponed_comes_after_the_change.py") == [
             "['wait', 0, 1, 2, 3, 4, 5, 6]",
             "[0, 10, 20, 30, 40]",
             "['wait', 'wait']",
             "[7, 8]"
           ]
  end

  # The example that OTP's documentation of gen_statem begins with.
  @tag :slow
  test "a lock with a code: buttons, a timeout that clears them, and one that locks again" do
    assert Program.lines!("state_machine/lock_with_a_code.py") == [
             "['locked', [1], [1, 2], [1, 2, 3], 'cleared']",
             "[[9], [9, 4], [9, 4, 1], [4, 1, 2], 'open', 'locked', [4], [4, 1]]",
             "[[4, 1, 2], 'open']"
           ]
  end

  @tag :slow
  test "a connection that is tried again, later each time, and serves what waited for it" do
    assert Program.lines!("state_machine/connection_that_is_tried_again.py") == [
             "(<Status.OK: 'ok'>, b'ONE')",
             "connected True",
             "(<Status.OK: 'ok'>, b'TWO')",
             "(<Status.OK: 'ok'>, b'THREE')",
             "connected [0.02]"
           ]
  end

  @tag :slow
  test "@enter runs for changes of state and for repeat_state, before any other event" do
    assert Program.lines!("state_machine/enter_runs_for_changes_of_state.py") == [
             "(<Status.OK: 'ok'>, 'repeated') (<Status.OK: 'ok'>, 'kept')",
             "['start', 'a']",
             "[None, 'a', 'a']",
             "go a",
             "timeout in a",
             "go b",
             "['a', 'b', 'b']",
             "timeout in b",
             "['b', 'b', 'b']",
             "go c",
             "['other', 'b', 'c']",
             "timeout in c",
             "go a",
             "['c', 'a', 'a']",
             "timeout in a",
             "['a', 'a', 'a']"
           ]
  end

  @tag :slow
  test "timeouts with names outlive the state, and start afresh or are cancelled by name" do
    assert Program.lines!("state_machine/timeouts_with_names_outlive_the_state.py") == [
             "[['x', 'b'], {'name': 'y', 'current': 'b'}] [['x', 'b']]",
             "['later']",
             "['later']",
             "[['x', 'b']]",
             "[[None, 'b']]",
             "['later']",
             "['silence']",
             "['later']"
           ]
  end

  @tag :slow
  test "casts: the sender hears the response, also of what was postponed; else the log hears errors" do
    program = "state_machine/casts.py"

    result = Program.run(program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) == [
             "['push', 'locked', 'error', True]",
             "['coin', None, 'ok', True]",
             "['later', 2, 'ok', True]",
             "['push', ['through', 3], 'ok', True]",
             ~s(['nope', "Door takes no 'nope' in state 'locked' \(it takes: 'coin', 'history', ) <>
               ~s('later', 'look', 'push'\)", 'error', True])
           ]

    assert [_, _] = Regex.scan(~r/\[warning\]/, result.err)
    assert result.err =~ ~r/cast "push" to <[\d.]+> in state "locked" failed: 'locked'/
    assert result.err =~ ~r/cast "other" to .* failed: "Door takes no 'other' in state 'locked'/
  end

  test "handlers are inherited by subject and state, and found by subject first" do
    assert Program.lines!("state_machine/handlers_are_inherited_by_subject_and_state.py") == [
             "gone",
             "Base a base x",
             "Base a base y",
             "Base a base",
             "Base a rest of a: mixed",
             "Base a rest of a: z",
             "gone",
             "Base b base x",
             "Base b base y",
             "Base b base",
             "Base b other: mixed in b",
             "Base b other: z in b",
             "gone",
             "Derived a base x",
             "Derived a derived y in a",
             "Derived a derived, base",
             "Derived a mixin",
             "Derived a rest of a: z",
             "gone",
             "Derived b derived x, base x",
             "Derived b base y",
             "Derived b derived, base",
             "Derived b mixin",
             "Derived b other: z in b"
           ]
  end

  test "@info may change the state; plain messages come whole" do
    assert Program.lines!("state_machine/info_may_change_the_state.py") == [
             "(<Status.OK: 'ok'>, ['told', [{'plain': [1, ('two',)]}, 'idle']])",
             "(<Status.OK: 'ok'>, 'idle')"
           ]
  end

  test "a class, an instance, a script, under names and supervisors, wherever an actor may be" do
    script = """
    from rebeam import GenStateMachine, event, next_state
    class Scripted(GenStateMachine):
        initial_state = "off"
        states = ("off", "on")
        @event("press")
        def press(self, current):
            return next_state("on" if current == "off" else "off", current)
    """

    folder = Program.folder(%{"main.py" => "state_machine/press.py", "scripted.py" => script})

    assert Program.lines!(Path.join(folder, "main.py"), cd: folder) == [
             "['class', 'instance', 'path']",
             "path (<Status.OK: 'ok'>, 'off') (<Status.OK: 'ok'>, 'on')",
             "class (<Status.OK: 'ok'>, 'off') (<Status.OK: 'ok'>, 'on')",
             "instance (<Status.OK: 'ok'>, 'off') (<Status.OK: 'ok'>, 'on')",
             "(<Status.OK: 'ok'>, 'off')",
             "its name is taken by "
           ]
  end
end
