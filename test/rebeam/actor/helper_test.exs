defmodule Rebeam.Actor.HelperTest do
  # A wait that is dropped leaves nobody behind that works for it.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "cancelled, interrupted, or left by a signal: who worked for the wait ends" do
    kinds = for kind <- ~w(call call_many await_ next sleep), do: kind <> " baseline"

    assert Program.lines!("actor/helper/waits_that_are_dropped.py") ==
             ["0"] ++ kinds ++ ["True"]
  end
end
