defmodule Rebeam.Run.DedicatedTest do
  # child(..., thread="dedicated"): all code of an actor on one thread, which is its own.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "constructor, @start, handlers, what is resumed, @info, @idle, @stop and __del__" do
    assert Program.lines!("run/dedicated/constructor_start_handlers.py") ==
             ["3", "True", "[1, 1, 1] 3"] ++
               List.flatten(List.duplicate(["stopped after 1", "freed on the same"], 3)) ++
               ["baseline True"]
  end

  @tag :slow
  test "sqlite3 with check_same_thread, an instance with arguments, functions, state machines" do
    assert Program.lines!("run/dedicated/sqlite3_with_check_same_thread.py") == [
             "[1, 3, 6]",
             "(<Status.OK: 'ok'>, 30)",
             "(<Status.OK: 'ok'>, True)",
             "function True",
             "True"
           ]
  end

  @tag :slow
  test "threads stay as many over restarts; kill and interrupt end what runs there" do
    each = for subject <- ~w(loop swallow sleep thread run), do: "#{subject} 1 True"

    assert %{status: 0, out: out} =
             Program.run("run/dedicated/threads_stay_as_many_over_restarts.py")

    assert String.split(out, "\n", trim: true) ==
             ["True baseline"] ++ each ++ each ++ ["1 2 1", "True baseline True"]
  end

  @tag :slow
  test "what cannot be: async handlers and functions, supervisors, other words" do
    event_loop = "an async def runs in the event loop's thread"

    assert Program.lines!("run/dedicated/what_cannot.py") == [
             "thread='dedicated' is not for Async.x: #{event_loop}",
             "thread='dedicated' is not for Async.x: #{event_loop}",
             "thread='dedicated' is not for task: #{event_loop}",
             "thread is for actors and functions: give it to its children",
             "thread must be 'dedicated' or None, not 'own'",
             "child(<class 'dedicated_actors.Echo'>)"
           ]
  end
end
