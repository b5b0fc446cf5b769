defmodule Rebeam.Actor.PromiseTest do
  # `_suspend`: code waits until Python says so, wherever it runs.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "a promise is kept once, with any object, in every kind of code" do
    uses = ~s{[True, 'once', "ValueError('later')", "KeyError('begin')"]}

    {kept, ended} = Program.lines!("actor/promise/promise_is_kept_once.py") |> Enum.split(9)
    # These two end at the same time.
    assert Enum.sort(ended) == ["never ActorExit", "told 3"]

    assert kept ==
             List.duplicate(uses, 5) ++
               [
                 "_suspend(begin, end=None) takes one or two functions",
                 "_suspend(begin, end=None) takes one or two functions",
                 "set_exception() takes an exception, not 'text'",
                 "baseline"
               ]
  end
end
