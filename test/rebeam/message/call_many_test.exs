defmodule Rebeam.Message.CallManyTest do
  # Many calls in flight at once, one time limit, each with an answer of its own.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import os, sys, threading, time
  from rebeam import *
  from rebeam._runtime import rebeam_info
  from baseline import counts, settled

  class Server(GenPy):
      def __init__(self, name=None):
          if name:
              self.name = name
          self.served = []
      @receive("double")
      def double(self, message):
          return message * 2
      @receive("error")
      def error(self, message):
          return response_error([message])
      @receive("source")
      def source(self, source, subject):
          return source, subject
      @receive("sleep")
      def sleep(self, message):
          seconds, value = message
          sleep(seconds)
          self.served.append(value)
          return value
      @receive("served")
      def all(self):
          return self.served
      @receive("die")
      def die(self, message):
          sleep(message)
          raise ValueError("dead")
      @receive("exit")
      def exit(self):
          sys.exit(0)
      @receive("odd")
      def odd(self):
          return Refused()

  class Refused:
      def __reduce__(self):
          return refuse, ()
  def refuse():
      raise OSError("refused on arrival")

  def last(answer):
      status, response = answer
      return f"{status} {str(response).strip().splitlines()[-1]}"

  def threads():
      return len(os.listdir("/proc/self/task"))

  """

  defp lines(program), do: Program.lines!(@actors <> program)

  test "each answer in its place, whatever it is" do
    program = """
    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            return self.many(message)
        @receive("plain")
        def plain(self, message):
            answers = []
            sorted([0], key=lambda _: answers.extend(self.many(message)) or 0)
            return answers
        def many(self, unnamed):
            node = unnamed.node
            answers = call_many([
                ("one", "double", 21),
                (unnamed, "double", [1, "x"]),
                (("one", node), "double", 2),
                ("one", "error", {"why": 1}),
                ("one", "unknown"),
                ("nobody", "double", 1),
                (("one", "no@where"), "double", 1),
                (dead, "double", 1),
                ("one", "odd"),
                ("one", "sleep", (0.3, "late")),
                ("two", "source"),
            ], timeout=0.2)
            assert answers[-1] == (Status.OK, (ProcessID(), "source"))
            assert all(type(status) is Status for status, _ in answers)
            return [last(each) for each in answers[:-1]]

    run_register_process(Server("one"))
    run_register_process(Server("two"))
    unnamed = run_register_process(Server)
    dead = run_register_process(Server)
    cast(dead, "exit")
    while dead.alive():
        sleep(0.01)
    run_register_process(Asker)
    before = counts()
    for subject in ("ask", "plain"):
        for line in call("asker", subject, unnamed)[1]:
            print(line)
        sleep(0.2)
    # What came too late was served, and delivered to nobody.
    print(call_many([("one", "served"), ("two", "served")]) == [
        (Status.OK, ["late", "late"]), (Status.OK, [])])
    print(call_many([]), call_many(iter([("one", "double", 4)]), timeout=None)[0][1])
    print(settled(before))
    """

    once = [
      "ok 42",
      "ok [1, 'x', 1, 'x']",
      "ok 4",
      "error [{'why': 1}]",
      "error Server handles no 'unknown' (it handles: die, double, error, exit, odd, served, sleep, source)",
      "down noproc",
      "down noproc",
      "down noproc",
      "error cannot rebuild a __main__.Refused object: OSError: refused on arrival",
      "timeout None"
    ]

    assert lines(program) == once ++ once ++ ["True", "[] 8", "baseline"]
  end

  test "DOWN for those that die meanwhile, with their traceback; the others answer" do
    program = """
    def ask():
        pids = [run_register_process(Server) for _ in range(6)]
        before = counts()
        answers = call_many([
            (pid, "die", 0.05) if n % 2 else (pid, "sleep", (0.1, n)) for n, pid in enumerate(pids)])
        for each in answers:
            print(last(each))
        print(answers[1][1].startswith("Traceback"))
    ask()
    """

    result = Program.run(@actors <> program, options: ~w(--log-level none))
    pair = &"ok #{&1}\ndown ValueError: dead\n"
    assert %{status: 0, err: "", out: out} = result
    assert out == pair.(0) <> pair.(2) <> pair.(4) <> "True\n"
  end

  test "after a timeout come two good calls, and no late reply" do
    program = """
    class Asker(GenPy):
        name = "asker"
        def __init__(self):
            self.extra = []
        @receive("ask")
        def ask(self):
            answers = [call_many([("one", "sleep", (0.3, "late")), ("two", "double", 1)], timeout=0.05)]
            answers.append(call("two", "double", 2))
            answers.append(call_many([("two", "double", 3), ("one", "double", 4)], timeout=2))
            answers.append(call("one", "double", 5))
            answers.append(gen_call("one", "raw", timeout=0))
            sleep(0.4)
            answers.append(call("one", "double", 6))
            return answers, self.extra
        @info()
        def unexpected(self, message):
            self.extra.append(message)
        @receive()
        def other(self, subject):
            self.extra.append(subject)

    run_register_process(Server("one"))
    run_register_process(Server("two"))
    run_register_process(Asker)
    before = counts()
    for _ in range(2):
        many, two, good, five, raw, six = (answers := call("asker", "ask", timeout=30)[1])[0]
        print(*[last(each) for each in (*many, two, *good, five, six)], raw[0] in ("ok", "timeout"))
        print(answers[1])
    print(settled(before))
    """

    once = ["timeout None ok 2 ok 4 ok 6 ok 8 ok 10 ok 12 True", "[]"]
    assert lines(program) == once ++ once ++ ["baseline"]
  end

  test "an actor that waits holds no thread" do
    program = """
    # Its functions name call_many alone.
    class Asker(GenPy):
        @receive("ask")
        def ask(self, message):
            return self.total(message) + 1
        def total(self, n):
            return sum(response for _, response in both(n))
    def both(n):
        return call_many([("one", "sleep", (0, n)), (gate, "wait", n)], timeout=None)

    class Gate(GenPy):
        def __init__(self):
            self.open = False
            self.threads = None
        @receive("wait")
        def wait(self, message):
            while not self.open:
                sleep(0.02)
                self.open = rebeam_info()["suspended"] >= 1000
            self.threads = threads()
            return message
        @receive("threads")
        def count(self):
            return self.threads

    run_register_process(Server("one"))
    gate = run_register_process(Gate)
    askers = [run_register_process(Asker) for _ in range(1000)]
    call(gate, "threads")
    before, threads_before = counts(), threads()
    answers = call_many([(pid, "ask", n) for n, pid in enumerate(askers)], timeout=60)
    print(answers == [(Status.OK, 2 * n + 1) for n in range(1000)])
    # A busy machine may want some more for jobs that take long; none for a wait.
    print(call(gate, "threads")[1] - threads_before < 10, settled(before))
    """

    assert lines(program) == ["True", "True baseline"]
  end

  test "ten thousand at once" do
    program = """
    class Asker(GenPy):
        @receive("ask")
        def ask(self, message):
            pids, subject, limit = message
            return call_many([(pid, subject, (0.2, n)) for n, pid in enumerate(pids)], limit)

    pids = [run_register_process(Server) for _ in range(10_000)]
    asker = run_register_process(Asker)
    before, threads_before = counts(), threads()
    answers = call(asker, "ask", (pids, "sleep", 60), timeout=80)[1]
    print(answers == [(Status.OK, n) for n in range(10_000)])
    answers = call(asker, "ask", (pids, "sleep", 0.01), timeout=80)[1]
    print({str(status) for status, _ in answers} <= {"timeout", "ok"}, len(answers))
    answers = call_many([(pid, "served") for pid in pids], timeout=60)
    print(answers == [(Status.OK, [n, n]) for n in range(10_000)])
    print(threads() - threads_before < 10, settled(before))
    """

    assert lines(program) == ["True", "True 10000", "True", "True baseline"]
  end

  test "threads may ask too" do
    program = """
    def ask(n):
        answers = call_many([("one", "double", n), ("one", "source"), ("nobody", "x"),
                             ("one", "sleep", (0.2, n))], timeout=0.1)
        source = answers[1][1][0]
        ok[n] = ([last(answers[k]) for k in (0, 2, 3)] ==
                 [f"ok {2 * n}", "down noproc", "timeout None"], isinstance(source, ProcessID))

    run_register_process(Server("one"))
    before = counts()
    ok = {}
    for n in range(10):
        each = threading.Thread(target=ask, args=(n,))
        each.start()
        each.join()
        sleep(0.25)
    print(set(ok.values()), settled(before))
    """

    assert lines(program) == ["{(True, True)} baseline"]
  end

  test "who ends in the middle of it leaves nothing behind" do
    program = """
    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            try:
                call_many([("one", "sleep", (0.5, 1)), ("one", "double", 1)], timeout=None)
            except ActorExit:
                print("ActorExit")
                raise
        @stop()
        def bye(self, reason):
            print("stop", reason)
    def drive():
        cast("asker", "ask")
        sleep(0.1)
    Supervisor(modules=[
        Server("one"), Asker, child(drive, restart="transient", significant=True)])
    """

    assert lines(program) == ["ActorExit", "stop shutdown"]
  end

  test "what cannot be sent, and what is no request, raises before anything is sent" do
    program = """
    def attempt(*args):
        try:
            print(call_many(*args))
        except (TypeError, ValueError) as error:
            print(f"{type(error).__name__}: {error}")

    run_register_process(Server("one"))
    good = ("one", "sleep", (0, "sent"))
    attempt([good, ("one", "double", {"rows": [0, threading.Lock()]})])
    attempt([good, ("one",)])
    attempt([good, "one"])
    attempt([good, (1, "double")])
    attempt([good, (("one", 5), "double")])
    attempt([good, ("one", b"double")])
    attempt([good], -1)
    attempt([good], float("nan"))
    attempt([good], "soon")
    attempt(5)
    print(call("one", "served")[1])
    """

    where = "must be a ProcessID, a registered name (str) or a (name, node) tuple"

    assert lines(program) == [
             "TypeError: requests[1].message[\"rows\"][1]: cannot pickle '_thread.lock' object",
             "TypeError: requests[1] must be (target, subject, message), not ('one',)",
             "TypeError: requests[1] must be (target, subject, message), not 'one'",
             "TypeError: requests[1].target #{where}, not 1",
             "TypeError: requests[1].target must be a str, not 5",
             "TypeError: requests[1].subject must be a str, not b'double'",
             "ValueError: timeout must be a non-negative number of seconds, not -1",
             "ValueError: timeout must be a non-negative number of seconds, not nan",
             "TypeError: timeout must be a number of seconds, not 'soon'",
             "TypeError: 'int' object is not iterable",
             "[]"
           ]
  end
end
