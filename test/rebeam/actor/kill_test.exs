defmodule Rebeam.Actor.KillTest do
  # Code of a killed actor ends where it computes; what is stuck in C is counted, and unheard.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "loops, loops that swallow everything, deep recursion, generators: the threads are free" do
    works = for name <- ~w(loop swallow recurse generate sort), do: "#{name} True"
    assert Program.lines!("actor/kill/loops.py") == works ++ ["baseline"]
  end

  test "finally and with run, and have time; what they send arrives, and they cannot wait" do
    assert Enum.sort(Program.lines!("actor/kill/finally_and_with_run.py")) ==
             Enum.sort(["fenced", "closed after ActorExit", "True", "['begun', 'inside', 'told']"])
  end

  @tag :slow
  test "what is stuck in C is abandoned and counted; others and its successor go on" do
    assert Program.lines!("actor/kill/what_is_stuck_in_c_is_abandoned_and_counted.py") == [
             "1 fresh",
             "True ['begun'] baseline"
           ]
  end

  @tag :slow
  test "the next work on the thread is not hit" do
    assert Program.lines!("actor/kill/next_work_on_the_thread_is_not_hit.py") == [
             "750 #{751 * 300}"
           ]
  end
end
