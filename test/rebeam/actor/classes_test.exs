defmodule Rebeam.Actor.ClassesTest do
  # Actors as Python classes: of every shape, under every decorator, and changed while they run.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @moduletag :slow

  test "handlers under decorators of all kinds, in both orders, are called as methods are" do
    program = "actor/classes/decorated_handlers.py"

    # How many subjects, those that were answered wrongly; what dispatches by its argument.
    assert Program.lines!(program, options: ["--python", Environment.python()]) == [
             "21 {}",
             "not an int",
             "not an int",
             "ok 2",
             "ok 2",
             "ok 2"
           ]
  end

  test "a message runs the handler that the class has now" do
    assert Program.lines!("actor/classes/changed_classes.py") == [
             "('base', 1) ('extra', 1) ('other', 'go')",
             "('patched', 2) ('patched', 2) ('other', 'go')",
             "specified specified 2",
             "('base', 3) ('base', 3)",
             "('set', 4) ('late', 4) ('base', 4)",
             "('around', 'set', 4)",
             "('around', 'base', 4)",
             "('other', 'go') ('gone', 5)",
             "2000 times",
             "('patched', 7)",
             "('machine', 7)"
           ]
  end

  test "classes of all shapes are restarted with what they were made with, and have a state" do
    result =
      Program.run("actor/classes/shapes.py",
        options: ["--python", Environment.python(), "--workers", "1", "--log-level", "none"],
        args: ["shared", "process"]
      )

    assert %{status: 0, out: "21 shapes\n"} = result
  end

  test "a generic actor with its parameters is the class" do
    assert Program.out!("actor/classes/generic.py") == [
             "cache None None None",
             "cache made made made",
             "plain plain plain",
             "script script script",
             "Cache is an actor: start it with run_register_process",
             "give an instance of Cache"
           ]
  end

  test "a @stop that a class gets while an actor runs counts from the next message on" do
    options = [options: ["--log-level", "none"]]

    assert Program.out!("actor/classes/late_stop.py", options) ==
             for(
               kind <- ["Plain", "Machine"],
               end_ <- ["crash ValueError: on purpose", "terminate shutdown", "exit because"],
               do: "#{kind} #{end_}"
             )
  end

  test "classes that are run and dropped do not stay" do
    assert Program.lines!("actor/classes/dropped_classes.py") == [
             "actor classes go",
             "machine classes go"
           ]
  end

  test "a second name, what a patch set aside, and an instance's own attribute are as in Python" do
    assert Program.lines!("actor/classes/set_aside.py") == [
             "('class', 1) ('class', 1)",
             "('class', 2)",
             "('patched', 'class', 3)",
             "('class', 4)",
             "('instance', 5) ('class', 5)",
             "('instance', 5) ('class', 5)"
           ]
  end

  test "copies, and what a factory makes, are restarted with what they were made with" do
    assert Program.run("actor/classes/copies.py", options: ["--log-level", "none"]).out ==
             """
             copy (10, 10)
             deepcopy (11, 11)
             factory (5, 5)
             strict metaclass (6, 6)
             metaclass that changes arguments (18, 18)
             metaclass that does more (103, 103)
             of int (8, 8) {'number': 8} 8
             7 {}
             it is not known what this Actor was made with, so it could not be restarted: \
             give the class, or an instance that a call of the class made
             """
  end

  test "a mark that a decorator hides is an error that says what to do" do
    program = """
    from rebeam import GenPy, receive

    def hides(function):
        return lambda *args, **kwargs: function(*args, **kwargs)

    class Mixin:
        @hides
        @receive("mixed")
        def mixed(self): ...

    try:
        class Actor(Mixin, GenPy): ...
    except TypeError as error:
        print(error)
    """

    assert Program.lines!(program) == [
             "Mixin.mixed: a decorator above @receive('mixed') hides it. " <>
               "Put @receive('mixed') first, or functools.wraps into that decorator"
           ]
  end

  test "a name that is no str is an error" do
    result = Program.run("from rebeam import *\nclass A(GenPy): name = 5\nSupervisor([A])\n")
    assert result.status == 1
    assert result.err =~ "TypeError: the name of an actor is a str, not 5"
  end

  test "a name that cannot be looked up is an error" do
    result =
      Program.run("""
      from rebeam import *

      class A(GenPy):
          @property
          def name(self):
              raise ValueError("no name yet")

      Supervisor([A])
      """)

    assert result.status == 1
    assert result.err =~ "ValueError: no name yet"
  end
end
