defmodule Rebeam.Actor.IdleTest do
  # @idle: once after a time without messages; hibernation after such a time.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  # What happened is judged by the actor's own clock: the machine may be busy.
  @head """
  import time
  from rebeam import *

  class Idler(GenPy):
      name = "idler"
      def __init__(self):
          self.seen = [("made", time.monotonic(), time.monotonic())]
      def note(self, what, begin=None):
          end = time.monotonic()
          self.seen.append((what, begin or end, end))
      @idle(0.3)
      def quiet(self):
          self.note("idle")
      @receive("seen")
      def all(self):
          return self.seen
      @receive("add")
      def add(self, message):
          self.note(message)
      @receive("sleep")
      def sleep(self, message):
          begin = time.monotonic()
          sleep(message)
          self.note("slept", begin)
      @receive("compute")
      def compute(self, message):
          begin = time.monotonic()
          while time.monotonic() < begin + message:
              pass
          self.note("computed", begin)
      @info()
      def plain(self, message):
          self.note(message)

  def judge(seen, late=0.5):
      \"\"\"Idle once in each pause of 0.3 seconds, and in no other; the words without the rest.\"\"\"
      for (what, _, end), (after, begin, _) in zip(seen, seen[1:]):
          pause = begin - end
          if after == "idle":
              assert what != "idle" and 0.3 <= pause < 0.3 + late, (seen, what, pause)
          elif what != "idle":
              assert pause < 0.3 + late, (seen, what, pause)
      return [what for what, _, _ in seen]

  """

  test "once, until the next message; never while messages come" do
    program = """
    run_register_process(Idler)
    before = counts()
    sleep(1.5)
    cast("idler", "add", 1)
    for _ in range(10):
        sleep(0.1)
        cast("idler", "add", ".")
    sleep(1)
    send("idler", "plain")
    sleep(1)
    words = judge(call("idler", "seen")[1])
    print(words[:3], words[-3:], words.count("."))
    print(settled(before))
    """

    assert Program.lines!("from baseline import counts, settled\n" <> @head <> program) == [
             "['made', 'idle', 1] ['idle', 'plain', 'idle'] 10",
             "baseline"
           ]
  end

  test "work and waits are not idle" do
    program = """
    run_register_process(Idler)
    cast("idler", "sleep", 0.8)
    cast("idler", "compute", 0.8)
    cast("idler", "sleep", 0.8)
    sleep(3.5)
    print(judge(call("idler", "seen")[1]))
    """

    assert Program.lines!(@head <> program) == [
             "['made', 'slept', 'computed', 'slept', 'idle']"
           ]
  end

  test "messages at any time set its beginning" do
    program = """
    run_register_process(Idler)
    for wait in (0.05, 0.15, 0.25, 0.1, 0.29, 0.2, 1.0, 0.28, 0.02, 1.0):
        cast("idler", "add", wait)
        sleep(wait)
    print(judge(call("idler", "seen")[1]).count("idle") >= 2)
    """

    assert Program.lines!(@head <> program) == ["True"]
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
    print([what for what, _, _ in call("slower", "seen")[1]])
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
    assert Enum.count(lines, &(&1 == "overridden ok")) in 1..9

    assert Enum.reject(lines, &(&1 == "overridden ok")) == [
             "['made']",
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
        hibernate_after = 0.4
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
        @idle(0.7)
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
      Process.sleep(2000)
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
