defmodule Rebeam.Actor.AsyncEndTest do
  # What actors have in the loop, and that it ends with them.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "the end of an actor cancels its task: shutdown, crash of a sibling, kill" do
    out = Program.out!("actor/async_end/end_of_an_actor_cancels_its_task.py")

    assert "['fine', 'fine', 'fine']" in out
    assert "baseline" in out
    # Killed, it has no time for @stop; its task is cancelled all the same.
    assert Enum.filter(out, &String.starts_with?(&1, "k ")) |> Enum.sort() ==
             ["k CancelledError", "k finally", "k task"]

    for name <- ["a", "b", "c"] do
      mine = for line <- out, String.starts_with?(line, name <> " "), do: line
      assert "#{name} CancelledError" in mine
      assert "#{name} finally" in mine
      assert "#{name} task" in mine
      stop = Enum.find_index(mine, &(&1 =~ " stop "))
      assert Enum.find_index(mine, &(&1 == "#{name} finally")) < stop
    end
  end

  @tag :slow
  test "an HTTP server as an actor: its connections call other actors; it is closed with it" do
    result = Program.run("actor/async_end/http_server_as_an_actor.py")
    assert String.split(result.out, "\n", trim: true) == ["True", "down", "True 14 True"]
    assert result.status == 0
  end

  test "subprocesses, queues and locks of asyncio work" do
    assert Program.lines!("actor/async_end/subprocesses.py") == [
             "(<Status.OK: 'ok'>, (b'olleh\\n', 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))"
           ]
  end

  @tag :slow
  test "the program ends in order, and soon, whatever is left in the loop" do
    program = "actor/async_end/program_ends_in_order_and_soon.py"
    begun = System.monotonic_time(:millisecond)

    assert Enum.sort(Program.lines!(program, args: ["stubborn"])) ==
             ["cancelled", "generator closed"]

    assert System.monotonic_time(:millisecond) - begun < 60_000
    # And when nothing resists.
    assert Enum.sort(Program.lines!(program)) == ["cancelled", "generator closed"]
  end

  @tag :slow
  test "loops of the user's own, and threads of the loop, hear of the end too" do
    begun = System.monotonic_time(:millisecond)

    assert Enum.sort(Program.lines!("actor/async_end/loops_of_the_users_own.py")) == [
             "loop ActorExit",
             "thread ActorExit"
           ]

    assert System.monotonic_time(:millisecond) - begun < 40_000
  end
end
