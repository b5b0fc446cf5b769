defmodule Rebeam.Message.TimerTest do
  # Messages that come later, once or again and again, and those that must not come.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import math, os, sys, threading, time
  from rebeam import *
  from baseline import counts, settled

  class Sink(GenPy):
      def __init__(self, name=None):
          if name:
              self.name = name
          self.got = []
      @receive("got")
      def all(self):
          return self.got
      @receive("times")
      def times(self):
          return [at for at, *_ in self.got]
      @receive("exit")
      def exit(self):
          sys.exit(0)
      @receive()
      def other(self, message, subject, source, status):
          self.got.append((time.monotonic(), subject, message, source, status))

  def got(target):
      return [(subject, message) for _, subject, message, *_ in call(target, "got")[1]]

  def ended(target):
      cast(target, "exit")
      while target.alive():
          sleep(0.01)

  """

  defp lines(program), do: Program.lines!(@actors <> program)

  test "a message comes once, as a cast, not before its time, by every kind of target" do
    program = """
    class Starter(GenPy):
        name = "starter"
        @receive("start")
        def begin(self, message):
            here = ProcessID().node
            begun = time.monotonic()
            message["x"] = 1
            for seconds, target, number in (
                    (0.2, sink, 4), (0.05, "sink", 1), (0.15, ("sink", here), 3), (0.1, sink, 2)):
                send_after(seconds, target, "later", [number, message])
            send_after(0, sink, "at once")
            send_after(0.3, ProcessID(), "own")
            message["x"] = 2
            return begun
        @receive("plain")
        def plain(self):
            sorted([0], key=lambda _: (send_after(0.01, sink, "plain"), 0)[1])
        @receive("own")
        def own(self, message, source):
            print("own", message, source)

    sink = run_register_process(Sink("sink"))
    run_register_process(Starter)
    before = counts()
    begun = call("starter", "start", {})[1]
    sleep(0.6)
    print(got(sink))
    seen = call(sink, "got")[1]
    print(all(0.05 * n <= each[0] - begun < 0.05 * n + 0.1 for n, each in enumerate(seen)))
    print({each[3:] for each in seen})
    call("starter", "plain")
    sleep(0.2)
    print(got(sink)[5:], settled(before))
    """

    assert lines(program) == [
             "own None None",
             "[('at once', None)" <>
               Enum.map_join(1..4, fn n -> ", ('later', [#{n}, {'x': 1}])" end) <> "]",
             "True",
             "{(None, None)}",
             "[('plain', None)] baseline"
           ]
  end

  test "a name is looked up when the time is over, a process' end ends its timer" do
    program = """
    first = run_register_process(child(Sink("sink"), restart="temporary"))
    print(got(first))
    before = counts()
    by_name = send_after(0.3, "sink", "for the second")
    by_id = send_after(0.3, first, "for nobody")
    send_after(0.05, "nobody", "for nobody")
    send_after(0.05, ("sink", "no@where"), "for nobody")
    ended(first)
    print(cancel_timer(by_id))
    second = run_register_process(child(Sink("sink"), restart="temporary"))
    sleep(0.5)
    print(got(second), cancel_timer(by_name))
    # Who starts a timer may end before it fires.
    class Brief(GenPy):
        @receive("go")
        def go(self):
            send_after(0.2, "sink", "after its starter")
            send_after(0.2, second, "the same")
            sys.exit(0)
    brief = run_register_process(child(Brief, restart="temporary"))
    cast(brief, "go")
    sleep(0.5)
    print(brief.alive(), sorted(got(second)[1:]), settled(before))
    """

    assert lines(program) == [
             "[]",
             "None",
             "[('for the second', None)] None",
             "False [('after its starter', None), ('the same', None)] baseline"
           ]
  end

  test "an interval does not drift, until it is cancelled" do
    program = """
    class Starter(GenPy):
        name = "starter"
        @receive("start")
        def begin(self, message):
            self.begun = time.monotonic()
            self.timer = send_interval(*message)
            return self.timer, self.begun
        @receive("cancel")
        def cancel(self):
            return cancel_timer(self.timer), cancel_timer(self.timer)

    sink = run_register_process(Sink("sink"))
    run_register_process(Starter)
    before = counts()
    # 30.5 ms is no number of whole milliseconds: rounded up each time, it would be late by
    # 40 ms at the end. One that is late makes the next no later.
    timer, begun = call("starter", "start", (0.0305, "sink", "tick", 1))[1]
    sleep(0.0305 * 80 + 0.015)
    left = cancel_timer(timer)
    due = (time.monotonic() - begun) // 0.0305
    times = call(sink, "times")[1]
    print(due - 3 <= len(times) <= due, 0 < left <= 0.0305)
    late = [at - begun - 0.0305 * (n + 1) for n, at in enumerate(times)]
    print(min(late) >= 0, min(late[-20:]) < 0.03)
    call("starter", "start", (0.1, sink, "by id"))
    sleep(0.25)
    left, again = call("starter", "cancel")[1]
    print(0 < left <= 0.1, again)
    sleep(0.2)
    print(got(sink)[len(times):], settled(before))
    """

    assert lines(program) == [
             "True True",
             "True True",
             "True None",
             "[('by id', None), ('by id', None)] baseline"
           ]
  end

  test "an interval ends with who started it, and with its target" do
    program = """
    class Starter(GenPy):
        @receive("start")
        def begin(self, message):
            return send_interval(0.02, *message)
        @receive("exit")
        def exit(self):
            sys.exit(0)

    # It ends long before the first time.
    def brief():
        global timer_of_function
        timer_of_function = send_interval(0.1, "sink", "of a function")

    def of_thread():
        global timer_of_thread
        timer_of_thread = send_interval(0.05, "sink", "of a thread")

    sink = run_register_process(Sink("sink"))
    gone = run_register_process(child(Sink, restart="temporary"))
    starter = run_register_process(child(Starter, restart="temporary"))
    before = counts()
    ends_with_starter = [call(starter, "start", (target, "of an actor"))[1]
                         for target in (sink, "sink", "nobody")]
    body = [send_interval(0.05, target, "of the body") for target in (gone, "sink", "gone")]
    run_register_process(child(brief, restart="temporary"))
    thread = threading.Thread(target=of_thread)
    thread.start()
    thread.join()
    sleep(0.2)
    ended(starter)
    ended(gone)
    sleep(0.1)
    seen = {subject for subject, _ in got(sink)}
    number = len(got(sink))
    print(sorted(seen))
    print([cancel_timer(each) for each in (*ends_with_starter, timer_of_function, body[0])])
    sleep(0.2)
    print(sorted({subject for subject, _ in got(sink)[number:]}))
    # It goes on by name where nobody is.
    print([cancel_timer(each) is not None for each in (*body[1:], timer_of_thread)])
    number = len(got(sink))
    sleep(0.2)
    print(len(got(sink)) - number)
    """

    assert lines(program) == [
             "['of a thread', 'of an actor', 'of the body']",
             "[None, None, None, None, None]",
             "['of a thread', 'of the body']",
             "[True, True, True]",
             "0"
           ]
  end

  test "cancel_timer, from any process" do
    program = """
    class Other(GenPy):
        name = "other"
        @receive("cancel")
        def cancel(self, message):
            return [cancel_timer(each) for each in message]

    sink = run_register_process(Sink("sink"))
    run_register_process(Other)
    before = counts()
    timers = [send_after(0.3, sink, "x"), send_after(0.3, "sink", "x"),
              send_interval(0.3, sink, "x"), send_interval(0.3, "sink", "x")]
    left = call("other", "cancel", timers)[1]
    print([0.2 < each <= 0.3 for each in left], len(set(timers)))
    print(call("other", "cancel", timers)[1])
    thread = threading.Thread(target=lambda: print(cancel_timer(send_after(1.5, sink, "x"))))
    thread.start()
    thread.join()
    over = send_after(0.01, sink, "over")
    sleep(0.5)
    print(cancel_timer(over), got(sink), settled(before))
    """

    assert ["[True, True, True, True] 4", "[None, None, None, None]", left, last] = lines(program)
    assert String.to_float(left) > 1.3 and String.to_float(left) <= 1.5
    assert last == "None [('over', None)] baseline"
  end

  test "a hundred thousand timers at once" do
    program = """
    class Counter(GenPy):
        name = "counter"
        def __init__(self):
            self.number = self.total = 0
        @receive("add")
        def add(self, message):
            self.number += 1
            self.total += message
        @receive("get")
        def get(self):
            return self.number, self.total
    class Starter(GenPy):
        @receive("start")
        def begin(self, message):
            how, seconds, target, number = message
            self.timers = [how(seconds, target, "add", n) for n in range(number)]
            return len(set(self.timers))
        @receive("cancel")
        def cancel(self):
            return sum(cancel_timer(each) is not None for each in self.timers)

    N = 100_000
    def threads():
        return len(os.listdir("/proc/self/task"))
    def wait(number):
        while (now := call("counter", "get", timeout=30)[1])[0] < number:
            sleep(0.05)
        sleep(0.05)
        return call("counter", "get", timeout=30)[1]

    counter = run_register_process(Counter)
    starter = run_register_process(Starter)
    before, threads_before = counts(), threads()
    total = N * (N - 1) // 2
    for target in (counter, "counter"):
        print(call(starter, "start", (send_after, 1, target, N), timeout=60)[1] == N)
    print(wait(2 * N) == (2 * N, 2 * total))
    for how in (send_after, send_interval):
        for target in (counter, "counter"):
            call(starter, "start", (how, 1000, target, N // 10), timeout=60)
            print(call(starter, "cancel", timeout=60)[1])
    print(call("counter", "get")[1] == (2 * N, 2 * total), threads() - threads_before < 10)
    print(settled(before))
    """

    assert lines(program) ==
             List.duplicate("True", 3) ++ List.duplicate("10000", 4) ++ ["True True", "baseline"]
  end

  test "what is wrong raises at once, and starts nothing" do
    program = """
    def attempt(function, *args):
        try:
            print(function(*args))
        except (TypeError, ValueError) as error:
            print(f"{type(error).__name__}: {error}")

    sink = run_register_process(Sink("sink"))
    lock = {"rows": [threading.Lock()]}
    for function in (send_after, send_interval):
        attempt(function, 0.01, sink, "x", lock)
        attempt(function, -1, sink, "x")
        attempt(function, math.inf, sink, "x")
        attempt(function, math.nan, sink, "x")
        attempt(function, "1", sink, "x")
        attempt(function, 0.01, 5, "x")
        attempt(function, 0.01, sink, 5)
    attempt(send_interval, 0, sink, "x")
    attempt(cancel_timer, 5)
    sleep(0.1)
    print(got(sink))
    """

    each = fn least ->
      range = "ValueError: seconds must be a number from #{least} to 3153600000.0, not "

      [
        "TypeError: message[\"rows\"][0]: cannot pickle '_thread.lock' object",
        range <> "-1",
        range <> "inf",
        range <> "nan",
        "TypeError: seconds must be a number of seconds, not '1'",
        "TypeError: target must be a ProcessID, a registered name (str) or a (name, node) tuple, not 5",
        "TypeError: subject must be a str, not 5"
      ]
    end

    assert lines(program) ==
             each.("0.0") ++
               each.("0.001") ++
               [
                 "ValueError: seconds must be a number from 0.001 to 3153600000.0, not 0",
                 "TypeError: a timer is a Reference, not 5",
                 "[]"
               ]
  end

  test "a program ends though timers are left" do
    program = """
    run_register_process(Sink("sink"))
    send_after(1000, "sink", "x")
    send_interval(0.001, "sink", "x")
    send_interval(0.001, self_pid(), "to the body, which takes none")
    sleep(0.05)
    print("over")
    """

    result = Program.run(@actors <> program, options: ~w(--log-level none))
    assert %{status: 0, out: "over\n"} = result
  end
end
