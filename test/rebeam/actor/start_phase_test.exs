defmodule Rebeam.Actor.StartPhaseTest do
  # @start(continues=True): the rest of the start, when the parent has been told.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  @tag :slow
  test "the supervisor goes on, messages wait, and both phases run in order" do
    assert Program.lines!("actor/start_phase/supervisor_goes_on_messages_wait.py") == [
             "the next one starts",
             "['slow', 'start', 'continued', 'message']",
             "['sub', 'start', 'continued', 'sub', 'message']",
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "['third', 'start', 'continued', 'message']"
           ]
  end

  @tag :slow
  test "raising crashes the actor, which started" do
    result = Program.run("actor/start_phase/raising_crashes_the_actor_which_started.py")
    assert %{status: 0} = result

    assert String.split(result.out, "\n", trim: true) == [
             "started",
             "stopped ValueError: in the rest",
             "down ValueError: in the rest",
             "stopped normal",
             "3",
             "stopped shutdown"
           ]

    assert result.err =~ "crashed in @start(continues=True)"
    assert length(String.split(result.err, "crashed")) == 2
  end

  test "one of each kind in a class, without parameters" do
    assert Program.lines!("actor/start_phase/one_of_each_kind_in_a_class_without.py") == [
             "X: method0 and method1 both handle @start(continues=True)",
             "X: method0 and method1 both handle @start()",
             "fine",
             "Y.rest: no parameter 'message'; a @start(continues=True) handler may take self"
           ]
  end

  test "system messages are answered meanwhile, and a shutdown ends it" do
    program = """
    from rebeam import *
    class Long(GenPy):
        @start(continues=True)
        def rest(self):
            try:
                register("long")
                sleep(1000)
            except ActorExit:
                print("exit", flush=True)
                raise
        @stop()
        def stopped(self, reason):
            print("stopped", reason, flush=True)
    Supervisor(modules=[Long])
    """

    code = """
    pid = wait_until(fn -> Rebeam.whereis("long") end)
    show.(is_tuple(:sys.get_status(pid)))
    show.(Rebeam.call(pid, "x", nil, 20))
    """

    # Python's lines go past what Elixir still has to write.
    {shown, ended} =
      program |> InElixir.lines!(code) |> Enum.split_with(&(&1 in ["true", "{:timeout, nil}"]))

    assert shown == ["true", "{:timeout, nil}"]
    assert ended == ["exit", "stopped shutdown"]
  end
end
