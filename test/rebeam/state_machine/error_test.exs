defmodule Rebeam.StateMachine.ErrorTest do
  # What a state machine that is written wrong says: where the class is made, where a handler
  # returns, or in the process.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # The lines of a program that prints what each of its cases raises.
  defp raised(cases) do
    program = """
    import math
    from rebeam import *

    def case(function):
        try:
            print("nothing", function())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")

    #{cases}
    """

    Program.lines!(program)
  end

  @tag :slow
  test "classes that cannot be: said when the class is made, with the names" do
    classes = [
      {~S{
    @event("x", state="a")
    def first(self): pass
    @event(("y", "x"), state=("b", "a"))
    def second(self): pass
}, "TypeError: case.<locals>.M: first and second both handle @event('x', state='a')"},
      {~S{
    @event()
    def first(self): pass
    @event()
    def second(self): pass
}, "TypeError: case.<locals>.M: first and second both handle @event()"},
      {~S{
    @timeout(name="x")
    def first(self): pass
    @timeout(name="x")
    def second(self): pass
}, "TypeError: case.<locals>.M: first and second both handle @timeout(name='x')"},
      {~S{
    @timeout(state="a")
    def first(self): pass
    @timeout(event=True, state="a")
    def other(self): pass
    @timeout(event=True, state="a")
    def second(self): pass
}, "TypeError: case.<locals>.M: other and second both handle @timeout(event=True, state='a')"},
      {~S{
    @enter("a", "b")
    def first(self): pass
    @enter("b")
    def second(self): pass
}, "TypeError: case.<locals>.M: first and second both handle @enter('b')"},
      {~S{
    @receive("x")
    def first(self): pass
},
       "TypeError: case.<locals>.M.first: @receive() is none of its decorators: " <>
         "@start, @event, @timeout, @enter, @info, @stop, @code_change"},
      {~S{
    @event("x")
    def first(self, what): pass
},
       "TypeError: case.<locals>.M.first: no parameter 'what'; a @event handler may take " <>
         "self, message, source, subject, status, current"},
      {~S{
    @timeout()
    def first(self, message): pass
},
       "TypeError: case.<locals>.M.first: no parameter 'message'; a @timeout handler may take " <>
         "self, name, current"},
      {~S{
    @enter()
    def first(self): yield
}, "TypeError: handler case.<locals>.M.first must return, not yield"},
      {~S{
    states = ("a",)
    @event("x", state=("a", "b"))
    def first(self): pass
    @enter("c")
    def second(self): pass
}, "TypeError: case.<locals>.M has handlers for states that are not in `states`: 'b', 'c'"},
      {~S{
    states = "ab"
}, "TypeError: case.<locals>.M.states is a tuple of str, not 'ab'"},
      {~S{
    states = ("a", 1)
}, "TypeError: a state must be a non-empty str, not 1"},
      {~S{
    @event
    def first(self): pass
},
       ~s{TypeError: @event above first has no parentheses: write @event("subject"), or @event() for all others}},
      {~S{
    @event("x", state=1)
    def first(self): pass
},
       "TypeError: @event takes a state as a str or a tuple of them, not 1; without one, write @event()"},
      {~S{
    @event("x", state="")
    def first(self): pass
}, "TypeError: a state must be a non-empty str, not ''"},
      {~S{
    @event("x", state="a\0b")
    def first(self): pass
}, ~S"ValueError: a state must be printable, unlike 'a\x00b'"},
      {~S{
    @event(())
    def first(self): pass
}, "ValueError: @event: no subject, or one twice, in ()"},
      {~S{
    @enter
    def first(self): pass
}, "TypeError: @enter above first has no parentheses: write @enter()"},
      {~S{
    @timeout(name="x", event=True)
    def first(self): pass
}, "TypeError: @timeout takes a name or event=True, not both"},
      {~S{
    @timeout(name=5)
    def first(self): pass
}, "TypeError: the name of a timeout must be a non-empty str, not 5"},
      {~S{
    @event("x")
    @property
    def first(self): pass
}, ~r/TypeError: @event\('x'\) decorates a method, not <property/}
    ]

    cases =
      for {body, _} <- classes do
        body = body |> String.trim("\n") |> String.replace("\n", "\n    ")

        "@case\ndef case():\n    class M(GenStateMachine):\n        initial_state = 'a'\n    #{body}\n"
      end

    cases = Enum.map(cases, &String.replace(&1, "@case\ndef case", "def body"))
    cases = Enum.map(cases, &(&1 <> "case(body)\n"))
    found = raised(Enum.join(cases))
    assert length(found) == length(classes)

    for {line, {_, expected}} <- Enum.zip(found, classes) do
      if is_binary(expected) do
        assert line == String.replace(expected, "case.<locals>", "body.<locals>")
      else
        assert line =~ expected
      end
    end
  end

  test "a GenPy has no @event" do
    assert raised("""
           from rebeam import *
           def body():
               class A(GenPy):
                   @event("x")
                   def x(self): pass
           case(body)
           """) == [
             "TypeError: body.<locals>.A.x: @event() is none of its decorators: " <>
               "@start, @idle, @receive, @info, @stop, @code_change, @merge"
           ]
  end

  test "transitions that cannot be: said where they are made" do
    assert raised("""
           from rebeam import *
           case(lambda: next_state(None))
           case(lambda: next_state(""))
           case(lambda: next_state("a", timeout="5"))
           case(lambda: next_state("a", timeout=-1))
           case(lambda: keep_state(timeout=math.nan))
           case(lambda: keep_state(timeouts=5))
           case(lambda: keep_state(timeouts={"x": "y"}))
           case(lambda: keep_state(timeouts={5: 5}))
           case(lambda: repeat_state(event_timeout=True))
           case(lambda: next_state("a", 1, postpone=True))
           case(lambda: [next_state("a", 1, 5), keep_state(), repeat_state(2), postpone()])
           import pickle
           case(lambda: pickle.dumps(next_state("a")))
           """) == [
             "TypeError: a state must be a non-empty str, not None",
             "TypeError: a state must be a non-empty str, not ''",
             "TypeError: timeout must be a number of seconds, not '5'",
             "ValueError: timeout must be a non-negative number of seconds, not -1",
             "ValueError: timeout must be a non-negative number of seconds, not nan",
             "TypeError: timeouts is a dict of names and seconds, not 5",
             "TypeError: timeouts['x'] must be a number of seconds, not 'y'",
             "TypeError: the name of a timeout must be a non-empty str, not 5",
             "TypeError: event_timeout must be a number of seconds, not True",
             "ValueError: a postponed event is answered when it is tried again: give no response",
             "nothing [next_state('a', 1), keep_state(), repeat_state(2), postpone()]",
             "TypeError: cannot pickle next_state('a'): only a GenStateMachine's handler returns it"
           ]
  end

  test "what a handler returned, and cannot be, ends the machine and says which handler" do
    assert Program.out!("state_machine/error/what_a_handler_returned.py") == [
             "down ValueError: Machine.nowhere: Machine has no state 'nowhere' (it has: 'bad', 'end', " <>
               "'start', 'worse'); one that no handler names has to be in `states`",
             "down ValueError: Machine.there sets a timeout, but Machine has no @timeout(state='end')",
             "down ValueError: Machine.named sets a timeout, but Machine has no @timeout(name='x')",
             "down ValueError: Machine.event_timeout sets a timeout, but Machine has no " <>
               "@timeout(event=True, state='start')",
             "down TypeError: response[\"a\"]: cannot pickle function 'Machine.unpicklable.<locals>.<lambda>': " <>
               "module '__main__' holds no such name",
             "down AttributeError: a handler changes the state by what it returns: return next_state(...)",
             "cancelled",
             "down TypeError: Machine.bad: an @enter handler returns None, or keep_state(...) with " <>
               "timeouts alone, not next_state('end')",
             "down TypeError: Machine.worse: an @enter handler returns None, or keep_state(...) with " <>
               "timeouts alone, not keep_state(5)"
           ]
  end

  test "initial states that cannot be: the start fails, and says why" do
    result = Program.run("state_machine/error/initial_states_that_cannot.py")
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) == [
             "ValueError: None_.initial_state is missing: a str, in the class or set by __init__",
             "TypeError: Wrong.initial_state must be a non-empty str, not 5",
             "TypeError: Wrong.initial_state must be a non-empty str, not ''",
             "ValueError: Closed.initial_state: Closed has no state 'c' (it has: 'a', 'b')",
             "(<Status.OK: 'ok'>, 'a')",
             "(<Status.OK: 'ok'>, 'free')",
             "(<Status.OK: 'ok'>, 'set by start')"
           ]

    assert length(Regex.scan(~r/\[error\] actor .* crashed at its start/, result.err)) == 4
  end

  @tag :slow
  test "a timeout that no handler takes in its state is logged" do
    result = Program.run("state_machine/error/timeout_that_no_handler_takes_in_its_state.py")
    assert %{status: 0, out: "(<Status.OK: 'ok'>, 'alive')\n"} = result

    assert result.err =~
             ~r/\[warning\] timeout "x" to <[\d.]+> in state "b" failed: 'Machine has no @timeout for it'/
  end
end
