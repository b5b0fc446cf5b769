defmodule Rebeam.BackoffTest do
  # The delay between a crash and the restart.
  use ExUnit.Case, async: true

  alias Rebeam.Program
  alias Rebeam.Child.Backoff

  @actors """
  import sys, time
  from rebeam import *

  class Worker(GenPy):
      def __init__(self, name):
          self.name = name
      @receive("crash")
      def crash(self):
          raise ValueError("on purpose")
      @receive("there")
      def there(self):
          return self_pid()
      @info()
      def other(self, message):
          pass

  def state(name, sup="top"):
      return next(each.state for each in which_children(sup) if each.id == name)

  def crash(name):
      # Seconds until it is back.
      old, begin = whereis(name), time.monotonic()
      cast(old, "crash")
      while old.alive() or not whereis(name):
          sleep(0.005)
      return time.monotonic() - begin

  def near(seconds, wanted):
      # A timer is never early, and a busy machine may be late.
      return "as wanted" if wanted <= seconds < wanted + 10 else seconds

  def last(function):
      return child(function, restart="transient", significant=True)
  """

  defp lines!(program) do
    result = Program.run(@actors <> program)
    assert result.status == 0, result.err
    String.split(result.out, "\n", trim: true)
  end

  test "doubles up to the longest, and begins anew after a long run or an end in order" do
    backoff = Backoff.new([10, 50])
    delays = fn number -> for _ <- 1..number, do: Backoff.delay(backoff) end
    # The first start does not wait.
    assert delays.(7) == [0, 10, 20, 40, 50, 50, 50]
    # 50 for the delay itself, and then more than the longest.
    Process.sleep(50 + 60)
    assert delays.(2) == [10, 20]
    Backoff.ended(backoff, :killed)
    assert delays.(1) == [40]
    Backoff.ended(backoff, :shutdown)
    assert delays.(2) == [0, 10]
    assert Backoff.delay(nil) == 0
    # No number of restarts is too many.
    many = Backoff.new([1, 1_000_000])
    assert Enum.max(for _ <- 1..10_000, do: Backoff.delay(many)) == 1_000_000
  end

  test "an actor's restarts wait twice as long as the ones before" do
    assert lines!("""
           def drive():
               print([near(crash("a"), wanted) for wanted in (0.1, 0.2, 0.4, 0.8)])
           Supervisor(name="top", max_restarts=50, modules=[
               child(Worker("a"), backoff=0.1), last(drive)])
           """) == ["['as wanted', 'as wanted', 'as wanted', 'as wanted']"]
  end

  test "meanwhile the supervisor and the others work, and the name is free" do
    assert lines!("""
           def drive():
               print(state("a"), state("b"))
               old = whereis("a")
               cast("a", "crash")
               while old.alive() or state("a") == "running":
                   sleep(0.01)
               print(call("a", "there"), whereis("a"), state("a"), call("b", "there")[0])
               begin = time.monotonic()
               start_child("top", Worker("c"))
               terminate_child("top", "c")
               print(crash("b") < 60, count_children("top")["active"], time.monotonic() - begin < 60)
               begin = time.monotonic()
               terminate_child("top", "a")
               print(time.monotonic() - begin < 60, state("a"))
               begin = time.monotonic()
               restart_child("top", "a")
               print(time.monotonic() - begin < 60, call("a", "there")[0], state("a"))
               old = whereis("a")
               cast("a", "crash")
               while old.alive() or state("a") == "running":
                   sleep(0.01)
           # The program ends at once, too.
           Supervisor(name="top", modules=[
               child(Worker("a"), backoff=1000, shutdown="infinity"), Worker("b"), last(drive)])
           """) == [
             "running running",
             "(<Status.DOWN: 'down'>, 'noproc') None restarting ok",
             "True 3 True",
             "True stopped",
             "True ok running"
           ]
  end

  test "of functions, of children started at run time and loose, and in a dynamic supervisor" do
    assert lines!("""
           runs = []
           def flaky():
               runs.append(time.monotonic())
               if len(runs) < 4:
                   raise ValueError(len(runs))
           def drive():
               start_child("top", child(flaky, restart="transient", backoff=0.1))
               start_child("top", child(Worker("a"), backoff=0.2))
               start_child("dynamic", child(Worker("b"), backoff=0.2))
               run_register_process(child(Worker("c"), backoff=0.2))
               print([near(crash(name), 0.2) for name in "abc"])
               while len(runs) < 4:
                   sleep(0.01)
               print([near(b - a, wanted) for a, b, wanted in zip(runs, runs[1:], (0.1, 0.2, 0.4))])
               sleep(0.1)
               print(state("flaky"))
           Supervisor(name="top", max_restarts=50, modules=[DynamicSupervisor("dynamic"), last(drive)])
           """) == [
             "['as wanted', 'as wanted', 'as wanted']",
             "['as wanted', 'as wanted', 'as wanted']",
             "stopped"
           ]
  end

  test "a start that fails after the delay is the next restart of the row" do
    assert lines!("""
           times = []
           class Late(GenPy):
               @start()
               def boot(self):
                   times.append(time.monotonic())
                   if 1 < len(times) < 4:
                       raise ValueError("not yet")
               @receive("crash")
               def crash(self):
                   raise ValueError("on purpose")
           def drive():
               pid = start_child("top", child(Late, backoff=0.1, id="late"))
               cast(pid, "crash")
               while len(times) < 4:
                   sleep(0.01)
               print([near(b - a, wanted) for a, b, wanted in zip(times, times[1:], (0.1, 0.2, 0.4))])
               sleep(0.1)
               print(state("late"))
           Supervisor(name="top", max_restarts=3, max_seconds=1000, modules=[last(drive)])
           """) == ["['as wanted', 'as wanted', 'as wanted']", "running"]
  end

  test "restart_child does not wait, however the child was ended" do
    assert lines!("""
           def drive():
               cast("a", "crash")
               while state("a") == "running":
                   sleep(0.01)
               for _ in range(2):
                   terminate_child("top", "a")
                   print(restart_child("top", "a") == whereis("a"), state("a"))
           Supervisor(name="top", modules=[
               child(Worker("a"), backoff=1000, shutdown="brutal_kill"), last(drive)])
           """) == List.duplicate("True running", 2)
  end

  test "counts as a restart when the crash happens" do
    program = """
    def drive():
        for _ in range(3):
            crash("a")
        print("not reached")
    Supervisor(name="top", max_restarts=2, max_seconds=1000, modules=[
        child(Worker("a"), backoff=0.05), drive])
    """

    result = Program.run(@actors <> program)
    assert %{status: 1, out: ""} = result
    assert result.err =~ "rebeam: the supervision tree gave up: child a failed too often"
  end

  test "what its supervisor ended itself comes back without a delay" do
    assert lines!("""
           def drive():
               for _ in range(3):
                   old = whereis("a")
                   print(crash("b") < 60, whereis("a") != old)
           Supervisor(modules=[
               Supervisor(strategy=ONE_FOR_ALL, max_restarts=5, modules=[
                   child(Worker("a"), backoff=1000), Worker("b")]), last(drive)])
           """) == List.duplicate("True True", 3)
  end

  test "flooded with messages while it waits" do
    assert lines!("""
           def drive():
               old = whereis("a")
               cast("a", "crash")
               while old.alive() or state("a") == "running":
                   sleep(0.01)
               waiting = which_children("top")[0].pid
               for n in range(1000):
                   send(waiting, n)
                   cast(waiting, "there")
               print(call(waiting, "there", timeout=30) == ("ok", waiting), whereis("a") == waiting)
           Supervisor(name="top", modules=[child(Worker("a"), backoff=0.3), last(drive)])
           """) == ["True True"]
  end

  test "restart_child of one that runs is refused, and takes nothing from its next back-off" do
    assert lines!("""
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

  test "restart_child of a state machine does not wait for its back-off either" do
    assert lines!("""
           class Door(GenStateMachine):
               initial_state = "shut"
               name = "door"
               @event("leave")
               def leave(self):
                   raise SystemExit(0)

           def drive():
               call("door", "leave")
               while state("door") != "stopped":
                   sleep(0.005)
               restart_child("top", "door")
               print(state("door"), whereis("door") is not None)
           Supervisor(name="top", modules=[
               child(Door(), id="door", restart="transient", backoff=20.0), last(drive)])
           """) == ["running True"]
  end
end
