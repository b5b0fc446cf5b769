defmodule Rebeam.Message.CallTest do
  # The ways in which a call ends without an answer, and that the next one is right.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import sys
  from rebeam import *
  from baseline import counts, settled

  class Slow(GenPy):
      def __init__(self, name="slow"):
          self.name = name
          self.served = []
      @receive("sleep")
      def sleep(self, message):
          seconds, value = message
          sleep(seconds)
          self.served.append(value)
          return value
      @receive("quick")
      def quick(self, message):
          return message
      @receive("served")
      def all(self):
          return self.served
      @receive("exit")
      def exit(self):
          sys.exit(0)

  """

  defp lines(program), do: Program.lines!(@actors <> program)

  test "TIMEOUT, then good calls: the late reply is never delivered" do
    program = """
    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            answers = []
            answers.append(call("slow", "sleep", (0.3, "late"), timeout=0.05))
            answers.append(call("other", "quick", 1))
            answers.append(call("slow", "quick", 2))
            answers.append(call("slow", "sleep", (0, 3)))
            answers.append(call("other", "quick", 4))
            sleep(0.1)
            answers.append(call("slow", "quick", 5))
            return answers
        @info()
        def unexpected(self, message):
            print("unexpected", message)

    run_register_process(Slow())
    run_register_process(Slow("other"))
    run_register_process(Asker)
    before = counts()
    for _ in range(2):
        for status, response in call("asker", "ask", timeout=30)[1]:
            print(status, response)
    # The same from a thread that is no actor's.
    print(*call("slow", "sleep", (0.2, "late"), timeout=0.01))
    print(*call("slow", "quick", 6), *call("other", "quick", 7))
    print(call("slow", "served")[1], settled(before))
    """

    once = ["timeout None", "ok 1", "ok 2", "ok 3", "ok 4", "ok 5"]

    assert lines(program) ==
             once ++
               once ++
               [
                 "timeout None",
                 "ok 6 ok 7",
                 "['late', 3, 'late', 3, 'late'] baseline"
               ]
  end

  test "timeouts on the plain path" do
    program = """
    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self):
            def key(timeout):
                answers.append(call("slow", "sleep", (0.2, timeout), timeout=timeout))
                return 0
            answers = []
            sorted([0.01, 30.0, 0.02, None], key=key)
            return [(str(status), response) for status, response in answers]

    run_register_process(Slow())
    run_register_process(Asker)
    before = counts()
    for each in call("asker", "ask", timeout=30)[1]:
        print(*each)
    print(settled(before))
    """

    assert lines(program) == ["timeout None", "ok 30.0", "timeout None", "ok None", "baseline"]
  end

  test "a call to oneself is an error at once" do
    program = """
    class Self(GenPy):
        name = "self"
        @receive("by name")
        def by_name(self):
            return self.attempt("self")
        @receive("by id")
        def by_id(self):
            return self.attempt(ProcessID())
        @receive("plain")
        def plain(self):
            return list(map(self.attempt, ["self", self_pid()]))
        @receive("cast")
        def cast_is_fine(self):
            return cast("self", "never mind")
        @receive("never mind")
        def never_mind(self): pass
        def attempt(self, target):
            try:
                return call(target, "by name", timeout=None)
            except RuntimeError as error:
                return f"RuntimeError {error}"

    it = run_register_process(Self)
    before = counts()
    for subject in ("by name", "by id", "plain", "cast"):
        print(call(it, subject)[1])
    print(settled(before))
    """

    error = "RuntimeError an actor cannot call itself: it would wait for its own answer"
    assert lines(program) == [error, error, inspect_python([error, error]), "True", "baseline"]
  end

  defp inspect_python(texts), do: "[" <> Enum.map_join(texts, ", ", &"'#{&1}'") <> "]"

  test "A calls B calls A ends by timeout, and both go on" do
    program = """
    class Peer(GenPy):
        def __init__(self, name, other):
            self.name = name
            self.other = other
        @receive("ask")
        def ask(self, message):
            if message == 0:
                return "bottom"
            status, response = call(self.other, "ask", message - 1, timeout=0.3 * message)
            return f"{self.name}: {status} {response}"

    run_register_process(Peer("a", "b"))
    run_register_process(Peer("b", "a"))
    before = counts()
    print(call("a", "ask", 1))
    # b's own call to a cannot be answered, as a waits for b.
    print(call("a", "ask", 2))
    print(call("a", "ask", 0), call("b", "ask", 0))
    print(call("b", "ask", 1)[1])
    print(settled(before))
    """

    assert lines(program) == [
             "(<Status.OK: 'ok'>, 'a: ok bottom')",
             "(<Status.OK: 'ok'>, 'a: ok b: timeout None')",
             "(<Status.OK: 'ok'>, 'bottom') (<Status.OK: 'ok'>, 'bottom')",
             "b: ok bottom",
             "baseline"
           ]
  end

  test "DOWN for who is not there, or ends before it answers" do
    program = """
    class Asker(GenPy):
        def __init__(self, name):
            self.name = name
        @receive("ask")
        def ask(self, message):
            return call(*message)

    def temporary(name):
        return run_register_process(child(Slow(name), restart="temporary"))

    asker = run_register_process(Asker("asker"))
    gone = temporary("gone")
    print(call("asker", "ask", ("gone", "exit"))[1][0])
    while gone.alive():
        sleep(0.01)
    before = counts()
    for target in ("nobody", "gone", gone):
        print(*call("asker", "ask", (target, "x"))[1], *call(target, "x"), cast(target, "x"))
    print(settled(before))
    # Waiting in its queue when it ends.
    dying = temporary("dying")
    cast(dying, "sleep", (0.2, 1))
    cast(dying, "exit")
    print(call("asker", "ask", (dying, "quick", 1))[1][0])
    print(settled(before))
    """

    assert lines(program) == [
             "down",
             "down noproc down noproc False",
             "down noproc down noproc False",
             "down noproc down noproc False",
             "baseline",
             "down",
             "baseline"
           ]
  end

  test "killed while it waits: nothing runs on, the answer goes nowhere" do
    program = """
    class Waiting(GenPy):
        name = "waiting"
        @receive("wait")
        def wait(self, message):
            if message == "plain":
                sorted([1], key=lambda _: call("slow", "sleep", (0.2, 1)))
            else:
                call("slow", "sleep", (0.2, 1))
            print("not reached")
        @stop()
        def bye(self, reason):
            print("no @stop for what is killed")

    def drive():
        pass

    run_register_process(Slow())
    before = counts()
    for how in ("suspended", "plain"):
        def drive():
            cast("waiting", "wait", how)
            sleep(0.05)
        tree = Supervisor(modules=[
            child(Waiting(), shutdown="brutal_kill"),
            child(drive, restart="transient", significant=True)])
        done = run_register_process(child(tree, restart="temporary"))
        from rebeam import _supervisor
        _supervisor.take_made()
        while done.alive():
            sleep(0.01)
        print(how, call("slow", "quick", "fine")[1], whereis("waiting"))
    print(settled(before), call("slow", "served")[1])
    """

    assert lines(program) == [
             "suspended fine None",
             "plain fine None",
             "baseline [1, 1]"
           ]
  end

  test "replies find their callers under load" do
    program = """
    import random

    class Relay(GenPy):
        def __init__(self, name):
            self.name = name
        @receive("relay")
        def relay(self, message):
            if message[0]:
                name = f"relay-{message[1] % 20}"
                status, response = call("slow", "quick", message)
                return response
            sleep(0.001 * (message[1] % 3))
            return message

    class Asker(GenPy):
        def __init__(self, number):
            self.number = number
        @receive("go")
        def go(self):
            for n in range(100):
                message = (n % 2 == 0, self.number * 1000 + n)
                status, response = call(f"relay-{n % 20}", "relay", message, timeout=60)
                if (status, response) != (Status.OK, message):
                    print("wrong", status, message, response)
            cast("sum", "quick", 1)
            return self.number

    run_register_process(Slow())
    for n in range(20):
        run_register_process(Relay(f"relay-{n}"))
    askers = [run_register_process(Asker(n)) for n in range(50)]
    before = counts()
    for each in askers:
        cast(each, "go")
    print([call(each, "go", timeout=80)[1] for each in askers] == list(range(50)))
    print(settled(before))
    """

    assert lines(program) == ["True", "baseline"]
  end

  test "wrong arguments are errors of the caller" do
    program = """
    it = run_register_process(Slow())
    def refused(function):
        try:
            print("not refused", function())
        except (TypeError, ValueError) as error:
            print(type(error).__name__, error)
    refused(lambda: call(it))
    refused(lambda: call(it, 5))
    refused(lambda: call(5, "x"))
    refused(lambda: call(None, "x"))
    refused(lambda: call(it, "quick", timeout=-1))
    refused(lambda: call(it, "quick", timeout="5"))
    refused(lambda: call(it, "quick", 1, 2, 3))
    refused(lambda: call(it, "quick", massage=1))
    refused(lambda: call(it, "quick", target=it))
    refused(lambda: cast(it, "x", sender_pid=5))
    refused(lambda: sleep(-1))
    refused(lambda: sleep("1"))
    """

    lines = lines(program)
    assert length(lines) == 12
    assert Enum.all?(lines, &(&1 =~ ~r/^(TypeError|ValueError) /))
    assert Enum.at(lines, 0) =~ "subject"
    assert Enum.at(lines, 1) =~ "5"
    assert Enum.at(lines, 2) =~ "5"
    assert Enum.at(lines, 4) =~ "-1"
    assert Enum.at(lines, 7) =~ "massage"
    assert Enum.at(lines, 8) =~ "target"
  end
end
