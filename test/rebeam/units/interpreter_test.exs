defmodule Rebeam.Units.InterpreterTest do
  # Actors in a sub-interpreter do what they do in the main one, with actors anywhere.
  use ExUnit.Case, async: true

  import Rebeam.InterpreterProgram

  @moduletag skip: lacks_units()

  # Subject of a Feature, and what it answers wherever it and its peer are.
  @features [
    {"began", true},
    {"calls", {true, [{"error", %{"no" => 1}}, {"timeout", nil}]}},
    {"self", "RuntimeError: an actor cannot call itself: it would wait for its own answer"},
    {"casts", {true, Enum.to_list(0..9), false}},
    {"suspended three deep", {14, "deep"}},
    {"values", true},
    {"ids", true},
    {"timers", {true, true, true, nil}},
    {"asyncio", {true, "plain"}},
    {"tasks", {[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], "ZeroDivisionError: division by zero"}},
    {"spawn", {"ProcessID", "Reference"}},
    {"monitor", {"down", "unit_features.Odd: 1 and 2"}},
    {"restart", {"down", true, []}},
    {"deferred", ["later", "later", "later"]},
    {"raises",
     {"TypeError: subject must be a str, not 3",
      "TypeError: message: cannot pickle function 'Feature.raises.<locals>.<lambda>': " <>
        "module 'unit_features' holds no such name"}},
    {"context", true},
    {"many", Enum.to_list(0..9)},
    {"plain wait", [1, 2, 3]},
    {"thread", [7]},
    {"names", {true, true, nil}},
    {"group", {true, true}},
    {"link", true},
    {"down", "down"},
    {"overload", {20, "overloaded"}},
    {"machine", {"opens", "closes"}}
  ]

  # What has come to it besides.
  @events ["Down", "Exit", "idle", {"spawned", nil}, {"all", nil}, {"cast back", "ok"}]

  @pairs "[{main, main}, {one, one}, {one, two}, {one, main}, {main, one}]"

  # Used, also where there is no such interpreter.
  _ = {@features, @events, @pairs}

  for python <- pythons() do
    @python python

    @tag :slow
    test "#{python.version}: every feature, with a peer in every other interpreter" do
      code = """
      [one, two] = units.(2)
      for {own, other} <- #{@pairs} do
        feature = start.(own, "Feature", [])
        ask.(feature, "peer", start.(other, "Peer", []))
        for subject <- #{inspect(Enum.map(@features, &elem(&1, 0)), limit: :infinity)} do
          show.({subject, ask.(feature, subject, nil)})
        end
        # Asked rarely, so that there are idle times.
        wait_until(fn ->
          Process.sleep(200)
          #{inspect(@events)} -- ask.(feature, "events", nil) == []
        end)
      end
      """

      lines = lines!(@python, code)

      expected =
        Enum.map(@features, &inspect(&1, limit: :infinity, charlists: :as_lists, width: 100_000))

      assert Enum.chunk_every(lines, length(@features)) == List.duplicate(expected, 5)
    end
  end
end
