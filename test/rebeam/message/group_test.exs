defmodule Rebeam.Message.GroupTest do
  # Groups of actors: who is in them, and what all of them get.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import os, sys, threading
  from rebeam import *
  from rebeam._runtime import rebeam_info
  from baseline import counts, settled

  class Member(GenPy):
      def __init__(self):
          self.got = []
      @receive("join")
      def enter(self, message):
          return join(message)
      @receive("leave")
      def exit(self, message):
          return leave(message)
      @receive("broadcast")
      def tell(self, message):
          return broadcast(*message)
      @receive("plain")
      def plain(self, message):
          said = []
          sorted([0], key=lambda _: said.append((join(message), broadcast(message, "x"))) or 0)
          return said
      @receive("got")
      def all(self):
          return self.got
      @receive("end")
      def end(self, message):
          sys.exit(0) if message else 1 / 0
      @receive()
      def other(self, subject, message, source, status):
          self.got.append((subject, message, source, status))

  def begin(number):
      return [run_register_process(child(Member, restart="temporary")) for _ in range(number)]

  """

  defp lines(program), do: Program.lines!(@actors <> program)

  test "join, leave, members" do
    program = """
    one, two, three = begin(3)
    before = counts()
    print(members("room"), local_members("room"), broadcast("room", "x"))
    print([call(pid, "join", "room") for pid in (one, two, one)])
    call(three, "join", "Größe \\0")
    print(members("room") == [one, two] == local_members("room"), members("Größe \\0") == [three])
    # Twice is once: so it leaves at once.
    print(call(one, "leave", "room")[1], call(one, "leave", "room")[1], members("room") == [two])
    print(call(one, "join", "room")[1], members("room") == [one, two])
    print(call(three, "leave", "room")[1], members("") == [])
    print(call(three, "plain", "room")[1], members("room") == [one, two, three])
    print(settled(before))
    """

    assert lines(program) == [
             "[] [] 0",
             "[(<Status.OK: 'ok'>, None), (<Status.OK: 'ok'>, None), (<Status.OK: 'ok'>, None)]",
             "True True",
             "True False True",
             "None True",
             "False True",
             "[(None, 3)] True",
             "baseline"
           ]
  end

  test "broadcast reaches every member once, in order, the sender too" do
    program = """
    pids = begin(20)
    inside, outside = pids[:15], pids[15:]
    for pid in inside + inside:
        call(pid, "join", "room")
    before = counts()
    print([broadcast("room", "n", {"n": [n]}) for n in range(3)])
    print(call(inside[0], "broadcast", ("room", "from inside", 1))[1])
    print(call(outside[0], "broadcast", ("room", "from outside"))[1])
    wanted = [("n", {"n": [n]}, None, None) for n in range(3)]
    wanted += [("from inside", 1, None, None), ("from outside", None, None, None)]
    print(all(call(pid, "got")[1] == wanted for pid in inside))
    print([call(pid, "got")[1] for pid in outside])
    print(settled(before))
    """

    assert lines(program) == [
             "[15, 15, 15]",
             "15",
             "15",
             "True",
             "[[], [], [], [], []]",
             "baseline"
           ]
  end

  test "who ends leaves: by an orderly end, a crash, a restart" do
    program = """
    pids = begin(4)
    for pid in pids:
        for room in ("a", "b"):
            call(pid, "join", room)
    cast(pids[0], "end", True)
    cast(pids[1], "end", False)
    while pids[0].alive() or pids[1].alive():
        sleep(0.01)
    for _ in range(100):
        if members("a") == members("b") == pids[2:]:
            break
        sleep(0.01)
    print(members("a") == members("b") == pids[2:], broadcast("a", "x"))
    class Again(Member):
        name = "again"
        @start()
        def boot(self):
            join("c")
    first = run_register_process(Again)
    print(members("c") == [first])
    cast(first, "end", False)
    while members("c") in ([first], []):
        sleep(0.01)
    print(members("c") == [whereis("again")], first != whereis("again"))
    """

    result = Program.run(@actors <> program, options: ~w(--log-level none))
    assert %{status: 0, err: "", out: "True 2\nTrue\nTrue True\n"} = result
  end

  test "what is wrong raises; a thread is no member" do
    program = """
    def attempt(function, *args):
        try:
            print(function(*args))
        except (TypeError, RuntimeError, ValueError) as error:
            print(f"{type(error).__name__}: {error}")
    (one,) = begin(1)
    call(one, "join", "room")
    for function in (join, leave, members, local_members):
        attempt(function, 5)
    attempt(broadcast, "room", 5)
    attempt(broadcast, "room", "x", [threading.Lock()])
    attempt(members, "\\ud800")
    for function in (join, leave, members):
        thread = threading.Thread(target=attempt, args=(function, "room"))
        thread.start()
        thread.join()
    print(call(one, "got")[1])
    """

    assert [a, a, a, a | rest] = lines(program)
    assert a == "TypeError: a group's name must be a str, not 5"

    assert [
             "TypeError: subject must be a str, not 5",
             "TypeError: message[0]: cannot pickle '_thread.lock' object",
             "UnicodeEncodeError: " <> _,
             "RuntimeError: join() is for actors: a thread is no process",
             "RuntimeError: leave() is for actors: a thread is no process",
             "[<" <> _,
             "[]"
           ] = rest
  end

  test "the script's body takes no messages, but may be sent some" do
    program = """
    join("room")
    print(members("room") == [self_pid()], broadcast("room", "hello"))
    (one,) = begin(1)
    class Asker(GenPy):
        @receive("ask")
        def ask(self, message):
            return call(message, "x"), gen_call(message, 1)
    print(call(run_register_process(Asker), "ask", self_pid())[1][0][1])
    print(leave("room"), members("room"))
    """

    result = Program.run(@actors <> program)
    assert result.status == 0
    assert result.err =~ ~s(cast "hello" to the script is lost)

    assert result.out == """
           True 1
           the script is a function: it takes no messages
           True []
           """
  end

  test "a thousand members broadcast to each other, holding no thread" do
    program = """
    class Talker(Member):
        @receive("talk")
        def talk(self, message):
            # Names broadcast alone.
            return broadcast("room", "said", message)
        @receive("said")
        def said(self, message):
            self.got.append(message)
        @receive("heard")
        def heard(self):
            return sorted(self.got)
    def threads():
        return len(os.listdir("/proc/self/task"))
    pids = [run_register_process(Talker) for _ in range(1000)]
    call_many([(pid, "join", "room") for pid in pids])
    before, threads_before = counts(), threads()
    answers = call_many([(pid, "talk", n) for n, pid in enumerate(pids[:50])], timeout=60)
    print(answers == [(Status.OK, 1000)] * 50)
    heard = call_many([(pid, "heard") for pid in pids], timeout=60)
    print(heard == [(Status.OK, list(range(50)))] * 1000)
    print(threads() - threads_before < 10, settled(before))
    """

    assert lines(program) == ["True", "True", "True baseline"]
  end
end
