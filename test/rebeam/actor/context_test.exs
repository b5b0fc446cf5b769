defmodule Rebeam.Actor.ContextTest do
  # Context variables are kept per actor, and by no other.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @tag :slow
  test "values stay with their actor, in every handler and across suspensions" do
    assert Program.lines!("actor/context/values_stay_with_their_actor.py") == [
             "unset unset",
             "1 1 unset main's",
             "(\"child's\", 2) 2 2 1",
             "3 3 2",
             "3 3",
             # Wherever the instance was made.
             "5 6 main's",
             "True"
           ]
  end

  for unit <- ["shared", "process", "interpreter"] do
    @tag :slow
    @tag skip: unit == "interpreter" && InterpreterProgram.lacks_units()
    test "what __init__ and @start set holds, and is nobody else's: #{unit}" do
      python = if unquote(unit) == "interpreter", do: hd(InterpreterProgram.pythons())
      options = if python, do: ["--python", python.executable], else: []

      assert Program.out!("actor/context/what_init_sets_holds.py",
               args: [unquote(unit)],
               options: options ++ ["--log-level", "none"]
             ) == [
               "main ('a', '0.333', 'unset')",
               "first " <> twice("a", 5) <> " " <> twice("b", 7),
               "restarted " <> twice("a", 5) <> " " <> twice("b", 7),
               "reset ('unset', '0.33333', 'started') ('again', '0.33', 'started') " <>
                 "('again', '0.33', 'started')",
               "made (('c', '0.333333333'), #{third("b", 7)}, #{third("c", 9)})",
               "made (('d', '0.333333333'), #{third("b", 7)}, #{third("d", 9)})",
               "data e",
               "still " <> twice("b", 7),
               "main ('later', '0.333', 'unset')"
             ]
    end
  end

  defp twice(name, digits), do: third(name, digits) <> " " <> third(name, digits)

  defp third(name, digits),
    do: "('#{name}', '0.#{String.duplicate("3", digits)}', 'started')"

  @tag :slow
  test "an __init__ is to whoever looks what the program wrote" do
    assert Program.out!("actor/context/init_looks_as_it_was.py") == [
             "looks __init__",
             "patch patch patch mixed frozen copy",
             "first second second",
             "True shared",
             "True process",
             "called"
           ]
  end

  test "decimal contexts follow" do
    threes = for n <- 1..7, do: "0." <> String.duplicate("3", n)

    assert Program.lines!("actor/context/decimal_contexts_follow.py") ==
             [Enum.join(Enum.take(threes, 6), " ")] ++
               (Enum.zip(Enum.drop(threes, 1), threes) |> Enum.map(fn {a, b} -> "#{a} #{b}" end)) ++
               [Enum.join(Enum.drop(threes, 1), " ")]
  end

  test "a Context is entered while the actor's code runs, and at no other time" do
    assert Program.lines!("actor/context/context_is_entered_while_the_actors_code_runs.py") == [
             "(<Status.OK: 'ok'>, ('unset', 0))",
             "(<Status.OK: 'ok'>, ('b', ['unset'], 'b'))",
             "(<Status.OK: 'ok'>, ('inner', 'b')) ok"
           ]
  end
end
