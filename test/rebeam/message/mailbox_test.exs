defmodule Rebeam.Message.MailboxTest do
  # Bounded mailboxes: what is over the bound is refused where it is sent, what was
  # accepted is handled.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  @head """
  import os, threading
  from rebeam import *

  class Bounded(GenPy):
      name = "bounded"
      mailbox_limit = 10
      def __init__(self):
          self.seen = []
      @receive("add")
      def add(self, message):
          self.seen.append(message)
          return message
      @receive("take")
      def take(self):
          seen, self.seen = self.seen, []
          return seen
      @receive("block")
      def block(self, message):
          sleep(message)
      @receive("wait for")
      def wait_for(self, message):
          while not os.path.exists(message):
              sleep(0.001)
      @receive("crash")
      def crash(self):
          raise ValueError("on purpose")
      @info()
      def note(self, message):
          self.seen.append(message)

  """
  @counts "from baseline import counts, settled\n" <> @head

  test "over the bound: cast is False, call is overloaded, the rest is handled" do
    program = """
    class Sender(GenPy):
        name = "sender"
        @receive("casts")
        def casts(self, message):
            return sum(cast("bounded", "add", n) for n in range(message))
        @receive("call")
        def call(self):
            return call("bounded", "add", "called")
        @receive("plainly")
        def plainly(self):
            return max([0], key=lambda _: self.kept.append(call("bounded", "add", 1)) or 1)
        kept = []
        @receive("kept")
        def all(self):
            return [(str(status), response) for status, response in self.kept]

    run_register_process(Bounded)
    run_register_process(Sender)
    before = counts()
    for _ in range(3):
        cast("bounded", "wait for", "free")
        sleep(0.05)  # it is begun
        print(call("sender", "casts", 25)[1])
        status, response = call("sender", "call")[1]
        print(status, response)
        call("sender", "plainly")
        print(call("sender", "kept")[1][-1])
        # Threads, the script's body, names and ids.
        print(*call("bounded", "add", 1), *call(whereis("bounded"), "add", 1))
        print(cast("bounded", "add", 1), cast(whereis("bounded"), "add", 1))
        found = []
        def thread():
            found.extend([str(call("bounded", "add", 1)[1]), cast("bounded", "add", 1)])
        each = threading.Thread(target=thread)
        each.start()
        each.join()
        print(found)
        # Not counted: plain messages.
        send("bounded", "plain")
        open("free", "w").close()
        while not (answer := call("bounded", "take"))[0]:
            sleep(0.001)
        print(answer[1])
        os.remove("free")
    print(settled(before))
    """

    once = [
      "10",
      "error overloaded",
      "('error', 'overloaded')",
      "error overloaded error overloaded",
      "False False",
      "['overloaded', False]",
      "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'plain']"
    ]

    assert Program.lines!(@counts <> program, cd: Program.folder()) ==
             once ++ once ++ once ++ ["baseline"]
  end

  test "set in __init__; what is no limit fails the start" do
    program = """
    class Own(Bounded):
        mailbox_limit = None
        def __init__(self, limit):
            super().__init__()
            self.name = None
            self.mailbox_limit = limit

    def fill(pid):
        cast(pid, "block", 0.2)
        sleep(0.02)
        return sum(cast(pid, "add", n) for n in range(50))

    print(fill(run_register_process(Own(3))), fill(run_register_process(Own(1))),
          fill(run_register_process(Own(None))), fill(run_register_process(Own(2**100))))
    for limit in (0, -1, True, 2.0, "3"):
        try:
            run_register_process(Own(limit))
        except RuntimeError as error:
            print(str(error).splitlines()[-1])
    """

    result = Program.run(@head <> program, options: ~w(--log-level none))
    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) == [
             "3 1 50 50",
             "ValueError: Own.mailbox_limit must be at least 1, not 0",
             "ValueError: Own.mailbox_limit must be at least 1, not -1",
             "TypeError: Own.mailbox_limit must be a whole number or None, not True",
             "TypeError: Own.mailbox_limit must be a whole number or None, not 2.0",
             "TypeError: Own.mailbox_limit must be a whole number or None, not '3'"
           ]
  end

  test "a fresh actor has all its places, however the old one ended" do
    program = """
    import sys
    def full():
        cast("bounded", "block", 0.1)
        sleep(0.03)
        return sum(cast("bounded", "add", n) for n in range(30))

    first = run_register_process(Bounded)
    before = counts()
    for turn in range(20):
        pid = whereis("bounded")
        if turn % 2:
            assert full() == 10
        else:
            cast(pid, "crash")
            for _ in range(30):
                cast(pid, "add", 1)
        if turn % 2:
            cast(pid, "block", 0)
            while not cast(pid, "crash"):
                sleep(0.001)
        while (now := whereis("bounded")) in (None, pid):
            sleep(0.001)
    sleep(0.05)
    print(full(), settled(before))
    """

    result = Program.run(@counts <> program, options: ~w(--log-level none))
    assert %{status: 0, err: "", out: "10 baseline\n"} = result
  end

  test "answers of casts count as they arrive, and the loss is logged" do
    program = """
    class Many(GenPy):
        name = "many"
        @receive()
        def all(self, message):
            return message

    run_register_process(Bounded)
    run_register_process(Many)
    cast("bounded", "block", 0.2)
    sleep(0.02)
    sent = sum(cast("many", "add", n, sender_pid=whereis("bounded")) for n in range(100))
    print(sent, call("many", "sync")[0])
    sleep(0.3)
    print(call("bounded", "take")[1])
    sleep(2.5)
    """

    result = Program.run(@head <> program)
    assert %{status: 0, out: "100 ok\n[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"} = result
    assert result.err =~ "is overloaded: 1 cast dropped, as its mailbox_limit is reached"
    # Not an entry for each.
    assert result.err =~ "is overloaded: 89 casts dropped"
    assert length(String.split(result.err, "overloaded")) == 3
  end

  test "callers in Elixir see the bound" do
    code = ~S"""
    Logger.configure(level: :none)
    pid = until.(fn -> Rebeam.whereis("bounded") end)
    # For as long as a busy machine takes for the flood below.
    Rebeam.cast(pid, "block", 4)
    Process.sleep(50)
    show.(Enum.map(1..12, &Rebeam.cast("bounded", "add", &1)))
    show.(Rebeam.cast(pid, "add", 0))
    show.({Rebeam.call("bounded", "add", 0), Rebeam.call(pid, "add", 0)})
    # Past Rebeam's own functions: refused when it arrives.
    {:ok, payload} = Rebeam.Value.pack("raw")
    for _ <- 1..100_000, do: GenServer.cast(pid, {:rebeam, "add", payload, nil, nil})
    show.(GenServer.call(pid, {:rebeam, "add", payload}) |> elem(0))
    # System messages and exits pass.
    show.(is_tuple(:sys.get_status(pid)))
    send(pid, :plain)
    show.(until.(fn -> case Rebeam.call(pid, "take", nil) do {:ok, seen} -> seen; _ -> nil end end))
    # Large messages, and the order in which one process sends in different ways.
    large = String.duplicate("x", 5_000_000)
    show.({Rebeam.cast(pid, "add", large), Rebeam.call(pid, "take", nil) == {:ok, [large]}})
    for n <- 1..500 do
      {:ok, payload} = Rebeam.Value.pack({n, 1})
      true = until.(fn -> Rebeam.cast(pid, "add", {n, 0}) end)
      GenServer.cast(pid, {:rebeam, "add", payload, nil, nil})
      true = until.(fn -> Rebeam.cast(pid, "add", {n, 2}) end)
      send(pid, {n, 3})
      {:ok, seen} = until.(fn -> with {:error, _} <- Rebeam.call(pid, "take", nil), do: nil end)
      ^seen = for m <- 0..3, do: {n, m}
    end
    # Senders that are killed leave the count right.
    for n <- 1..2000 do
      sender = spawn(fn -> Enum.each(1..100, fn m -> Rebeam.cast(pid, "add", m) end) end)
      if rem(n, 2) == 0, do: :erlang.yield()
      Process.exit(sender, :kill)
    end
    until.(fn -> match?({:ok, _}, Rebeam.call(pid, "take", nil)) end)
    Process.sleep(50)
    Rebeam.cast(pid, "block", 0.3)
    Process.sleep(50)
    show.(Enum.count(1..30, &Rebeam.cast(pid, "add", &1)))
    show.({Rebeam.cast("nobody", "x", 1), Rebeam.cast(:nobody, "x", 1), Rebeam.cast(spawn(fn -> :ok end), "x", 1)
           |> is_boolean()})
    """

    program = """
    def silent():
        sleep(1000)
    Supervisor(modules=[Bounded, silent])
    """

    assert InElixir.lines!(@head <> program, code) == [
             inspect(List.duplicate(true, 10) ++ [false, false]),
             "false",
             ~s({{:error, "overloaded"}, {:error, "overloaded"}}),
             ":error",
             "true",
             inspect(Enum.to_list(1..10) ++ [:plain]),
             "{true, true}",
             "10",
             "{false, false, true}"
           ]
  end

  @tag timeout: 300_000
  @tag :resident
  test "1,000,000 casts to a slow actor: accepted is handled, and memory stays" do
    program = """
    class Slow(GenPy):
        name = "slow"
        mailbox_limit = 1000
        def __init__(self):
            self.sum = self.number = 0
        @receive("add")
        def add(self, message):
            self.sum += message[0]
            self.number += 1
            if self.number % 100 == 0:
                sleep(0.001)
        @receive("result")
        def result(self):
            return self.number, self.sum

    class Flood(GenPy):
        @receive("go")
        def go(self, message):
            first, last = message
            slow = whereis("slow")
            sent = total = 0
            for n in range(first, last):
                if cast(slow, "add", (n, "x" * 200)):
                    sent += 1
                    total += n
                if n % 20_000 == 0:
                    sleep(0.001)
            return sent, total

    def memory():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    def flood(number):
        each = number // len(floods)
        answers = []
        def one(n):
            answers.append(call(floods[n], "go", (n * each, n * each + each), timeout=None)[1])
        threads = [threading.Thread(target=one, args=(n,)) for n in range(len(floods))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [sum(column) for column in zip(*answers)]

    run_register_process(Slow)
    floods = [run_register_process(Flood()) for _ in range(4)]
    def drained():
        while not (answer := call("slow", "result"))[0]:
            sleep(0.01)
        return answer[1]

    warm = flood(100_000)
    drained()
    before, before_memory = counts(), memory()
    sent, total = flood(1_000_000)
    grown = memory() - before_memory
    number, summed = drained()
    print(number == warm[0] + sent, summed == warm[1] + total, 1000 < sent < 1_000_000)
    print("flat" if grown < 8192 else f"grown {grown} KiB")
    print(settled(before))
    """

    assert Program.lines!(@counts <> program, limit: 280) == [
             "True True True",
             "flat",
             "baseline"
           ]
  end
end
