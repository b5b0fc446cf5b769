defmodule Rebeam.Actor.ContextTest do
  # Context variables are kept per actor, and by no other.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "values stay with their actor, in every handler and across suspensions" do
    assert Program.lines!("actor/context/values_stay_with_their_actor.py") == [
             "unset unset",
             "1 1 unset main's",
             "(\"child's\", 2) 2 2 1",
             "3 3 2",
             "3 3",
             # In the process, or where the instance was made.
             "5 unset 6",
             "True"
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
