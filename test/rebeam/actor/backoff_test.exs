defmodule Rebeam.Actor.BackoffTest do
  # The delay between a crash and the restart.
  use ExUnit.Case, async: true

  alias Rebeam.Program
  alias Rebeam.Child.Backoff

  test "doubles up to the longest, and begins anew after a long run or an end in order" do
    backoff = Backoff.new([100, 500])
    delays = fn number -> for _ <- 1..number, do: Backoff.delay(backoff) end
    # The first start does not wait.
    assert delays.(7) == [0, 100, 200, 400, 500, 500, 500]
    # 500 for the delay itself, and then more than the longest.
    Process.sleep(500 + 600)
    assert delays.(2) == [100, 200]
    Backoff.ended(backoff, :killed)
    assert delays.(1) == [400]
    Backoff.ended(backoff, :shutdown)
    assert delays.(2) == [0, 100]
    assert Backoff.delay(nil) == 0
    # No number of restarts is too many.
    many = Backoff.new([1, 1_000_000])
    assert Enum.max(for _ <- 1..10_000, do: Backoff.delay(many)) == 1_000_000
  end

  @tag :slow
  test "an actor's restarts wait twice as long as the ones before" do
    assert Program.out!("""
           from rebeam import *
           from backoff_actors import *
           def drive():
               print([near(crash("a"), wanted) for wanted in (0.1, 0.2, 0.4, 0.8)])
           Supervisor(name="top", max_restarts=50, modules=[
               child(Worker("a"), backoff=0.1), last(drive)])
           """) == ["['as wanted', 'as wanted', 'as wanted', 'as wanted']"]
  end

  @tag :slow
  test "meanwhile the supervisor and the others work, and the name is free" do
    assert Program.out!("actor/backoff/meanwhile_the_supervisor_and_the_others_work.py") == [
             "running running",
             "(<Status.DOWN: 'down'>, 'noproc') None restarting ok",
             "True 3 True",
             "True stopped",
             "True ok running"
           ]
  end

  @tag :slow
  test "of functions, of children started at run time and loose, and in a dynamic supervisor" do
    assert Program.out!("actor/backoff/of_functions.py") == [
             "['as wanted', 'as wanted', 'as wanted']",
             "['as wanted', 'as wanted', 'as wanted']",
             "stopped"
           ]
  end

  @tag :slow
  test "a start that fails after the delay is the next restart of the row" do
    assert Program.out!("actor/backoff/start_that_fails_after_the_delay_is_the_next.py") == [
             "['as wanted', 'as wanted', 'as wanted']",
             "running"
           ]
  end

  @tag :slow
  test "restart_child does not wait, however the child was ended" do
    assert Program.out!("""
           from rebeam import *
           from backoff_actors import *
           from waiting import *
           def drive():
               cast("a", "crash")
               wait_until(lambda: state("a") != "running")
               for _ in range(2):
                   terminate_child("top", "a")
                   print(restart_child("top", "a") == whereis("a"), state("a"))
           Supervisor(name="top", modules=[
               child(Worker("a"), backoff=1000, shutdown="brutal_kill"), last(drive)])
           """) == List.duplicate("True running", 2)
  end

  @tag :slow
  test "counts as a restart when the crash happens" do
    program = """
    from rebeam import *
    from backoff_actors import *
    def drive():
        for _ in range(3):
            crash("a")
        print("not reached")
    Supervisor(name="top", max_restarts=2, max_seconds=1000, modules=[
        child(Worker("a"), backoff=0.05), drive])
    """

    result = Program.run(program)
    assert %{status: 1, out: ""} = result
    assert result.err =~ "rebeam: the supervision tree gave up: child a failed too often"
  end

  @tag :slow
  test "what its supervisor ended itself comes back without a delay" do
    assert Program.out!("""
           from rebeam import *
           from backoff_actors import *
           def drive():
               for _ in range(3):
                   old = whereis("a")
                   print(crash("b") < 60, whereis("a") != old)
           Supervisor(modules=[
               Supervisor(strategy=ONE_FOR_ALL, max_restarts=5, modules=[
                   child(Worker("a"), backoff=1000), Worker("b")]), last(drive)])
           """) == List.duplicate("True True", 3)
  end

  @tag :slow
  test "flooded with messages while it waits" do
    assert Program.out!("""
           from rebeam import *
           from backoff_actors import *
           from waiting import *
           def drive():
               old = whereis("a")
               cast("a", "crash")
               waiting = wait_until(
                   lambda: (now := which_children("top")[0].pid) not in (old, None) and now)
               for n in range(1000):
                   send(waiting, n)
                   cast(waiting, "there")
               print(call(waiting, "there", timeout=30) == ("ok", waiting), whereis("a") == waiting)
           Supervisor(name="top", modules=[child(Worker("a"), backoff=0.3), last(drive)])
           """) == ["True True"]
  end

  @tag :slow
  test "restart_child of one that runs is refused, and takes nothing from its next back-off" do
    assert Program.out!("""
           from rebeam import *
           from backoff_actors import *
           def drive():
               try:
                   restart_child("top", "a")
               except RuntimeError as error:
                   print(str(error).split(":")[0])
               print(near(crash("a"), 0.4))
           Supervisor(name="top", max_restarts=50, modules=[
               child(Worker("a"), backoff=(0.4, 0.5)), last(drive)])
           """) == ["running", "as wanted"]
  end

  @tag :slow
  test "restart_child of a state machine does not wait for its back-off either" do
    assert Program.out!("""
           from rebeam import *
           from backoff_actors import *
           from waiting import *
           class Door(GenStateMachine):
               initial_state = "shut"
               name = "door"
               @event("leave")
               def leave(self):
                   raise SystemExit(0)

           def drive():
               call("door", "leave")
               wait_until(lambda: state("door") == "stopped")
               restart_child("top", "door")
               print(state("door"), whereis("door") is not None)
           Supervisor(name="top", modules=[
               child(Door(), id="door", restart="transient", backoff=20.0), last(drive)])
           """) == ["running True"]
  end
end
