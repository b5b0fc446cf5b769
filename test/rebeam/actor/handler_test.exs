defmodule Rebeam.Actor.HandlerTest do
  # How a class becomes an actor: which method takes which message, and with what.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "parameters are matched by name, any of them, in any order" do
    assert Program.lines!("actor/handler/parameters_are_matched_by_name.py") == [
             "(<Status.OK: 'ok'>, 'none')",
             "(<Status.OK: 'ok'>, 'All')",
             "(<Status.OK: 'ok'>, ['turned', 5, 'All'])",
             "(<Status.OK: 'ok'>, None)",
             "(<Status.OK: 'ok'>, ['message', 'source', 'status', 'subject'])",
             "(<Status.OK: 'ok'>, ['some and rest', ['message', 'source', 'status']])",
             "(<Status.OK: 'ok'>, [5, 'default', (), 7])",
             "(<Status.OK: 'ok'>, 5)",
             "(<Status.OK: 'ok'>, [True, 'asker'])",
             "['message', 'source', 'status', 'subject'] anything m None"
           ]
  end

  test "what a handler returns is the response" do
    assert Program.lines!("actor/handler/what_a_handler_returns_is_the_response.py") == [
             "ok True True False {'n': 1}",
             "ok True True False None",
             "error False False True ['no', 1]",
             "ok True True False (1, 'two')",
             "ok True True False None",
             "ok True True False False",
             "True <Status.TIMEOUT: 'timeout'> True False",
             "['down', 'error', 'ok', 'timeout']",
             "True False True"
           ]
  end

  @tag :slow
  test "a subclass inherits handlers, overrides them by subject, and reaches them with super" do
    assert Program.lines!("actor/handler/subclass_inherits_handlers.py") == [
             "Base ['base a', 1] ['base b', 1] base c ['base other', 'log'] ['base other', 'mixed']",
             "Derived ['derived a', 'base a', 1] ['derived b', 'base b', 1] derived c, undecorated " <>
               "['base start', 'derived start'] mixin",
             "Last ['derived a', 'base a', 1] ['derived b', 'base b', 1] derived c, undecorated " <>
               "['base start', 'derived start'] mixin"
           ]
  end

  @tag :slow
  test "annotations that cannot be evaluated yet are not" do
    # Before 3.14 the language itself evaluates them at the def.
    early? = Version.match?(Program.python().version, "< 3.14.0-a")
    future = if early?, do: "from __future__ import annotations\n", else: ""
    source = future <> Program.source("actor/handler/annotations_not_there_yet.py")
    answers = "[1, 2] 1 [1, 'source', 'status', 'subject'] 1 1 [1, 'Actor'] [1, 5] ['any', []]"

    for isolation <- ["shared", "process"] do
      assert Program.lines!(source, options: ["--isolation", isolation]) ==
               [answers, answers, "['any', ['hello']]", "stop shutdown"]
    end
  end

  test "what cannot be is a TypeError where the class is made, with the names" do
    assert Program.lines!("actor/handler/what_cannot_be_is_a_type_error.py") == [
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True]",
             "TypeError [True]",
             "TypeError [True]"
           ]
  end

  test "arguments without an __init__ that takes them are a TypeError" do
    program = """
    from rebeam import GenPy, GenStateMachine
    from dataclasses import dataclass

    class Plain(GenPy): pass
    class Machine(GenStateMachine): initial_state = "on"
    @dataclass
    class Made(GenPy):
        n: int
    class New(GenPy):
        def __new__(cls, n): return super().__new__(cls)
    for make in (lambda: Plain(1), lambda: Machine(n=1), lambda: (Plain(), Machine(), Made(1), New(1))):
        try:
            print(len(make()))
        except TypeError as error:
            print(error)
    """

    assert Program.lines!(program) == [
             "Plain() takes no arguments: it has no __init__",
             "Machine() takes no arguments: it has no __init__",
             "4"
           ]
  end

  @tag :slow
  test "every instance has a state of its own, also without super().__init__" do
    assert Program.lines!("actor/handler/every_instance_has_a_state_of_its_own.py") == [
             "{'first': 'here'} False dict",
             "{'k': 0}",
             "{'k': 0, 'l': 1}",
             "{'k': 0}",
             "{'first': 'here', 'k': 1}"
           ]
  end

  test "@start runs in the new process before any message, ProcessID() is its own" do
    assert Program.lines!("actor/handler/start_runs_in_the_new_process_before_any.py") == [
             "['start', 'started', 'message'] [True, True, True] 1 " <>
               "['start', 'started', 'message', 'message']",
             "True True rebeam",
             "immutable"
           ]
  end

  test "@info takes what is neither call nor cast; without one it is dropped" do
    assert Program.lines!("actor/handler/info_takes_what_is_neither_call_nor_cast.py") == [
             "True True",
             "True False",
             "[{'a': [1, 2.5, None, True]}, (1, 'two', b'three')]",
             "(<Status.OK: 'ok'>, 'yes')"
           ]
  end
end
