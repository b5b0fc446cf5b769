defmodule Rebeam.IdleTest do
  # @idle: once after a time without messages; hibernation after such a time.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  @head """
  import time
  from rebeam import *

  class Idler(GenPy):
      name = "idler"
      def __init__(self):
          self.seen = []
      @idle(0.3)
      def quiet(self):
          self.seen.append("idle")
      @receive("seen")
      def all(self):
          return self.seen
      @receive("add")
      def add(self, message):
          self.seen.append(message)
      @receive("sleep")
      def sleep(self, message):
          sleep(message)
          self.seen.append("slept")
      @receive("compute")
      def compute(self, message):
          end = time.monotonic() + message
          while time.monotonic() < end:
              pass
          self.seen.append("computed")
      @info()
      def note(self, message):
          self.seen.append(message)

  """

  test "once, until the next message; never while messages come" do
    program = """
    run_register_process(Idler)
    before = counts()
    sleep(1.2)                      # 0.3: idle, once
    cast("idler", "add", 1)         # 1.2
    for _ in range(8):
        sleep(0.1)
        cast("idler", "add", ".")   # to 2.0
    sleep(0.6)                      # 2.3: idle
    send("idler", "plain")
    sleep(0.6)
    print(call("idler", "seen")[1])
    print(settled(before))
    """

    assert Program.lines!("from baseline import counts, settled\n" <> @head <> program) == [
             inspect(["idle", 1] ++ List.duplicate(".", 8) ++ ["idle", "plain", "idle"])
             |> String.replace("\"", "'"),
             "baseline"
           ]
  end

  test "work and waits are not idle" do
    program = """
    run_register_process(Idler)
    cast("idler", "sleep", 0.8)
    cast("idler", "compute", 0.5)
    begin = time.monotonic()
    print(call("idler", "seen")[1], 1.2 < time.monotonic() - begin < 2.0)
    sleep(0.15)
    print(call("idler", "seen")[1])
    sleep(0.6)
    print(call("idler", "seen")[1])
    """

    assert Program.lines!(@head <> program) == [
             "['slept', 'computed'] True",
             "['slept', 'computed']",
             "['slept', 'computed', 'idle']"
           ]
  end

  test "its time is kept: not earlier, and not much later" do
    program = """
    class Exact(GenPy):
        name = "exact"
        times = []
        @idle(0.2)
        def quiet(self):
            self.times.append(time.monotonic() - self.last)
        @receive("touch")
        def touch(self):
            self.last = time.monotonic()
    run_register_process(Exact)
    call("exact", "touch")
    for wait in (0.03, 0.11, 0.19, 0.07, 0.4, 0.05, 0.4):
        sleep(wait)
        call("exact", "touch")
    print(len(Exact.times), all(0.199 < each < 0.35 for each in Exact.times))
    """

    assert Program.lines!(@head <> program) == ["2 True"]
  end

  test "it may call, raise, and be inherited; its parameters and time are checked" do
    program = """
    class Raises(Idler):
        name = "raises"
        def quiet(self):
            print("overridden", call("idler", "add", "called")[0])
            raise ValueError("nothing happens")

    class Slower(Idler):
        name = "slower"
        @idle(10)
        def other(self):
            pass

    for each in (Idler, Raises, Slower):
        run_register_process(each)
    sleep(0.5)
    print(call("slower", "seen")[1])
    sleep(0.5)

    def refused(make):
        try:
            make()
        except (TypeError, ValueError) as error:
            print(f"{type(error).__name__}: {error}")
    idle(1e306), idle(10**400), idle(1)  # for ever is fine
    for bad in (0, -1, float("nan"), float("inf"), "1", True, None):
        refused(lambda: idle(bad))
    def twice():
        class Two(GenPy):
            @idle(1)
            def a(self): pass
            @idle(2)
            def b(self): pass
    refused(twice)
    """

    result = Program.run(@head <> program)
    assert %{status: 0} = result
    text = "TypeError: @idle(seconds) must be a number of seconds, not "
    value = "ValueError: @idle(seconds) must be a number of seconds above 0, not "

    lines = String.split(result.out, "\n", trim: true)
    assert Enum.count(lines, &(&1 == "overridden ok")) in 1..3

    assert Enum.reject(lines, &(&1 == "overridden ok")) == [
             "[]",
             value <> "0",
             value <> "-1",
             value <> "nan",
             value <> "inf",
             text <> "'1'",
             text <> "True",
             text <> "None",
             "TypeError: twice.<locals>.Two: a and b both handle @idle()"
           ]

    assert result.err =~ "crashed in @idle\n"
    assert result.err =~ "ValueError: nothing happens"
  end

  test "hibernation: after its time, again after each message, and memory shrinks" do
    program = """
    class Sleepy(GenPy):
        hibernate_after = 0.2
        def __init__(self):
            self.name = "sleepy"
        @receive("echo")
        def echo(self, message):
            return message
        @receive("wait")
        def wait(self, message):
            sleep(message)
    class Awake(Sleepy):
        def __init__(self):
            self.name = "awake"
            self.hibernate_after = None
    class Both(Sleepy):
        def __init__(self):
            self.name = "both"
            self.n = 0
        @idle(0.4)
        def quiet(self):
            self.n += 1
        @receive("n")
        def number(self):
            return self.n
    def silent():
        sleep(1000)
    Supervisor(modules=[Sleepy(), Awake(), Both(), silent])
    """

    code = ~S"""
    pid = until.(fn -> Rebeam.whereis("sleepy") end)
    awake = until.(fn -> Rebeam.whereis("awake") end)
    both = until.(fn -> Rebeam.whereis("both") end)
    at = fn pid -> Process.info(pid, :current_function) |> elem(1) end
    hibernates = {:erlang, :hibernate, 3}
    for _ <- 1..3 do
      for target <- [pid, awake, both], do: Rebeam.call(target, "echo", String.duplicate("x", 100))
      awake? = at.(pid) != hibernates
      Process.sleep(900)
      show.({awake?, at.(pid) == hibernates, at.(awake) == hibernates, at.(both) == hibernates})
      show.(Process.info(pid, :total_heap_size) < Process.info(awake, :total_heap_size))
    end
    # Nothing hibernates while it works: it answers as ever.
    for n <- 1..2000, do: {:ok, ^n} = Rebeam.call(pid, "echo", n)
    show.(Rebeam.call("both", "n", nil))
    """

    once = ["{true, true, false, true}", "true"]

    assert InElixir.lines!("from rebeam import *\n" <> program, code) ==
             once ++ once ++ once ++ ["{:ok, 3}"]
  end

  test "what is no time fails the start" do
    program = """
    class Bad(GenPy):
        def __init__(self, value):
            self.hibernate_after = value
    for value in (0, "1", float("nan")):
        try:
            run_register_process(Bad(value))
        except RuntimeError as error:
            print(str(error).splitlines()[-1])
    """

    result = Program.run(@head <> program, options: ~w(--log-level none))
    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) == [
             "ValueError: Bad.hibernate_after must be a number of seconds above 0, not 0",
             "TypeError: Bad.hibernate_after must be a number of seconds, not '1'",
             "ValueError: Bad.hibernate_after must be a number of seconds above 0, not nan"
           ]
  end
end
