defmodule Rebeam.ReplyTest do
  # Deferred replies: no_reply() in the handler, and reply(source, ...) later from anywhere.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  @head """
        import sys, threading
        from rebeam import *
        """ <> File.read!(Program.path("deferred.py"))
  @external_resource Program.path("deferred.py")
  @counts "from baseline import counts, settled\n" <> @head

  defp lines(program), do: Program.lines!(@counts <> program)

  test "answers from the actor itself, to several callers, with OK and ERROR" do
    program = """
    run_register_process(Clerk())
    for n in range(3):
        run_register_process(Asker(f"asker {n}"))
    before = counts()
    for n in range(3):
        ask(f"asker {n}", "clerk", "ask", n, 10)
    wait_for(3)
    print(call("clerk", "answer", "done"))
    print([call(f"asker {n}", "answers")[1] for n in range(3)])
    print(*call("clerk", "error"), *call("clerk", "sleepy"))
    large = "x" * 5_000_000
    ask("asker 0", "clerk", "ask", 0, 10)
    wait_for(1)
    call("clerk", "answer", large)
    print(call("asker 0", "answers")[1] == [("ok", (0, large))])
    print(settled(before))
    """

    assert lines(program) == [
             "(<Status.OK: 'ok'>, 3)",
             "[[('ok', (0, 'done'))], [('ok', (1, 'done'))], [('ok', (2, 'done'))]]",
             "error {'why': [1]} ok None",
             "True",
             "baseline"
           ]
  end

  test "the first reply counts, whoever the caller is" do
    program = """
    run_register_process(Clerk())
    run_register_process(Asker())
    print(*call("clerk", "twice"))
    for _ in range(500):
        ask("asker", "clerk", "twice", None, 10)
    answers = call("asker", "answers")[1]
    print(len(answers), set(answers))
    print(*call("asker", "plainly", ("clerk", "twice")))
    print(*call("clerk", "quick", "next"))

    def thread():
        print("thread", *call("clerk", "twice"), *call("clerk", "quick", "next"))
    thread = threading.Thread(target=thread)
    thread.start()
    thread.join()
    """

    assert lines(program) == [
             "ok first",
             "500 {('ok', 'first')}",
             "ok [('ok', 'first'), ('ok', 'first')]",
             "ok next",
             "thread ok first ok next"
           ]
  end

  test "TIMEOUT, then two good calls while the reply arrives late" do
    program = """
    class Late(Asker):
        @receive("late")
        def late(self):
            answers = [call("clerk", "ask", "late", timeout=0.05)]
            answers.append(call("clerk", "answer", "too late"))
            answers.append(call("clerk", "quick", 1))
            answers.append(call("other", "quick", 2))
            # The same while the next call waits.
            answers.append(call("clerk", "ask", "late", timeout=0.05))
            cast("clerk", "answer", "too late")
            answers.append(call("other", "sleepy"))
            answers.append(call("clerk", "quick", 3))
            return [(str(status), response) for status, response in answers]

    run_register_process(Clerk())
    run_register_process(Clerk("other"))
    run_register_process(Late())
    before = counts()
    print(call("asker", "late")[1])
    # From a thread that is no actor's.
    print(*call("clerk", "ask", 1, timeout=0.05))
    print(*call("clerk", "answer"), *call("clerk", "quick", 4), *call("other", "quick", 5))
    print(settled(before))
    """

    assert lines(program) == [
             "[('timeout', None), ('ok', 1), ('ok', 1), ('ok', 2), " <>
               "('timeout', None), ('ok', None), ('ok', 3)]",
             "timeout None",
             "ok 1 ok 4 ok 5",
             "baseline"
           ]
  end

  test "the source is answered from another actor and from a spawned thread, and by pickle" do
    program = """
    import copy, pickle

    class Threaded(GenPy):
        name = "threaded"
        @receive("ask")
        def ask(self, message, source):
            def answer(source):
                reply(source, ("thread", message))
            threading.Thread(target=answer, args=(source,)).start()
            return no_reply()
        @receive("pickled")
        def pickled(self, source):
            again = pickle.loads(pickle.dumps(copy.deepcopy([source])))[0]
            same = again == source and hash(again) == hash(source) and repr(again) == repr(source)
            reply(again, ("pickled", same, again == self.asker()))
            return no_reply()
        def asker(self):
            return whereis("asker")

    run_register_process(Clerk())
    run_register_process(Clerk("other"))
    run_register_process(Threaded)
    run_register_process(Asker())
    before = counts()
    ask("asker", "clerk", "ask", "travelled", 10)
    wait_for(1)
    print(*call("clerk", "hand over", "other"))
    print(*call("other", "answer", "from the other"))
    ask("asker", "threaded", "ask", 7, 10)
    ask("asker", "threaded", "pickled", None, 10)
    print(call("asker", "answers")[1])
    print(*call("asker", "plainly", ("threaded", "ask", 8)))
    print(*call("threaded", "ask", 9))
    print(settled(before))
    """

    assert lines(program) == [
             "ok ok",
             "ok 1",
             "[('ok', ('travelled', 'from the other')), ('ok', ('thread', 7)), " <>
               "('ok', ('pickled', True, True))]",
             "ok [('ok', ('thread', 8)), ('ok', ('thread', 8))]",
             "ok ('thread', 9)",
             "baseline"
           ]
  end

  test "what dies before it answered: DOWN with the reason" do
    program = """
    import time
    run_register_process(Clerk())
    for n in range(20):
        run_register_process(Asker(f"asker {n}"))
    before = counts()
    for wait in (0, 0, 0, 0.02):
        for n in range(20):
            ask(f"asker {n}", "clerk", "ask", n, 10)
        wait_for(20)
        time.sleep(wait)
        status, reason = call("clerk", "crash", "on purpose")
        answers = {call(f"asker {n}", "answers")[1][0] for n in range(20)}
        print(status, len(answers), {(s, r.splitlines()[-1]) for s, r in answers})
        while whereis("clerk") is None:
            sleep(0.001)
    # It took none of the questions with it.
    print(*call("clerk", "kept"), settled(before))
    """

    result = Program.run(@counts <> program, options: ~w(--log-level none))
    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) ==
             List.duplicate("down 1 {('down', 'ValueError: on purpose')}", 4) ++
               ["ok 0 baseline"]
  end

  test "replies to a caller that died go nowhere" do
    program = """
    import time
    run_register_process(Clerk())
    asker = run_register_process(Asker())
    before = counts()
    ask("asker", "clerk", "ask", 1, 10)
    wait_for(1)
    class End(GenPy):
        @receive("end")
        def end(self): sys.exit(0)
    ended = run_register_process(child(End, restart="temporary"))
    def gone():
        call("clerk", "ask", 2, timeout=0.01)
    thread = threading.Thread(target=gone)
    thread.start()
    thread.join()
    call(ended, "end")
    cast(asker, "ask", (None, None, None, None))  # the next one raises
    print(*call("clerk", "answer"))
    while (again := whereis("asker")) in (None, asker):
        sleep(0.001)
    # A second time: nobody is there.
    print(*call("clerk", "quick", "fine"), settled(before))
    """

    result = Program.run(@counts <> program, options: ~w(--log-level none))
    assert %{status: 0, err: "", out: "ok 2\nok fine baseline\n"} = result
  end

  test "no_reply() to a cast is no answer, and what is no request is refused" do
    program = """
    class Odd(GenPy):
        name = "odd"
        def __init__(self):
            self.seen = []
        @receive("cast")
        def on_cast(self, message, source):
            self.seen.append(message)
            try:
                reply(source, 1)
            except (TypeError, ValueError) as error:
                self.seen.append(f"{type(error).__name__} {error}".replace(repr(source), "<pid>"))
            return no_reply()
        @receive("seen")
        def all(self):
            seen, self.seen = self.seen, []
            return seen
        @info()
        def note(self, message):
            self.seen.append(message)
            return no_reply()
        @receive("bad")
        def bad(self, source):
            for value in ({"a": [threading.Lock()]}, no_reply()):
                try:
                    reply(source, value)
                except TypeError as error:
                    self.seen.append(str(error))
            try:
                reply("odd", 1)
            except TypeError as error:
                self.seen.append(str(error))
            reply(source, "then a good one")
            return no_reply()

    class Sender(GenPy):
        name = "sender"
        def __init__(self):
            self.seen = []
        @receive("go")
        def go(self):
            return cast("odd", "cast", 2, sender_pid=ProcessID())
        @receive()
        def other(self, subject, message):
            self.seen.append((subject, message))
            return self.seen

    run_register_process(Odd)
    run_register_process(Sender)
    print(repr(no_reply()), no_reply().status, no_reply().value)
    print(cast("odd", "cast", 1), call("sender", "go")[1], send("odd", "plain"))
    for each in call("odd", "seen")[1]:
        print(each)
    print(call("sender", "seen")[1])
    print(*call("odd", "bad"))
    for each in call("odd", "seen")[1]:
        print(each)
    """

    assert lines(program) == [
             "no_reply() None None",
             "True True True",
             "1",
             "TypeError reply() answers the `source` of a call, a ProcessID, not <pid>",
             "2",
             "ValueError <pid> did not come with a call, so there is nothing to reply to",
             "plain",
             "[('seen', None)]",
             "ok then a good one",
             ~s(response["a"][0]: cannot pickle '_thread.lock' object),
             "reply() wants a response, and no_reply() is none",
             "reply() answers the `source` of a call, a ProcessID, not 'odd'"
           ]
  end

  test "many deferred calls leave nothing behind" do
    program = """
    import time
    run_register_process(Clerk())
    askers = [run_register_process(Asker(f"asker {n}")) for n in range(50)]
    before = counts()
    wrong = 0
    for turn in range(100):
        for n, asker in enumerate(askers):
            ask(asker, "clerk", "ask", (turn, n), 30)
        wait_for(50)
        call("clerk", "answer", turn)
    for n, asker in enumerate(askers):
        expected = [("ok", ((turn, n), turn)) for turn in range(100)]
        wrong += call(asker, "answers")[1] != expected
    print(wrong, settled(before))
    """

    assert lines(program) == ["0 baseline"]
  end

  test "no answer is ever that of another question" do
    result = Program.run(Program.path("chaos.py"), args: ["400"], options: ~w(--log-level none))
    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) == [
             "['at once', 'down', 'later', 'passed on', 'thread', 'timeout']",
             "baseline"
           ]
  end

  @tag timeout: 200_000
  @tag :resident
  test "100,000 deferred calls leave memory flat" do
    program = """
    import os
    class Pair(GenPy):
        name = "pair"
        def __init__(self):
            self.kept = None
        @receive("ask")
        def ask(self, source):
            if self.kept is not None:
                reply(self.kept, "turn")
            self.kept = source
            return no_reply()

    class Turn(GenPy):
        @receive("go")
        def go(self, message):
            for _ in range(message):
                assert call("pair", "ask") == (Status.OK, "turn")

    def memory():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    def drive(number):
        done = []
        threads = [threading.Thread(target=lambda turn=turn: done.append(call(turn, "go", number, timeout=None)))
                   for turn in turns]
        for thread in threads:
            thread.start()
        while not done:
            sleep(0.005)
        # The last one waits for a turn that nobody gives it.
        while len(done) < len(turns):
            call("pair", "ask", timeout=0.01)
        for thread in threads:
            thread.join()
        assert all(done), done

    run_register_process(Pair)
    turns = [run_register_process(Turn()) for _ in range(2)]
    drive(5_000)
    before, before_memory = counts(), memory()
    drive(50_000)
    grown = memory() - before_memory
    print("flat" if grown < 8192 else f"grown {grown} KiB", settled(before))
    """

    assert Program.lines!(@counts <> program, limit: 180) == ["flat baseline"]
  end

  @supervised """

  class Late(Clerk):
      @receive("soon")
      def soon(self, message, source):
          cast(ProcessID(), "later", (source, message))
          return no_reply()
      @receive("later")
      def later(self, message):
          source, answer = message
          reply(source, answer)
          reply(source, "again")
      @receive("source")
      def source(self, source):
          return [source]

  def silent():
      sleep(1000)
  Supervisor(modules=[Late(), silent])
  """

  test "callers in Elixir: an answer, an error, a timeout, an end" do
    code = ~S"""
    Logger.configure(level: :none)
    clerk = until.(fn -> Rebeam.whereis("clerk") end)
    # In processes of their own: as with any gen_server, a second reply may reach the mailbox.
    show.(Task.await(Task.async(fn -> Rebeam.call("clerk", "soon", {1, "a"}) end)))
    show.(Task.await(Task.async(fn -> Rebeam.call(clerk, "twice", nil) end)))
    show.(Rebeam.call(clerk, "error", nil))
    # The hidden request is nothing that Elixir sees.
    show.(Rebeam.call(clerk, "source", nil) == {:ok, [self()]})

    ask = fn n -> Task.async(fn -> Rebeam.call(clerk, "ask", n, 5_000) end) end
    tasks = Enum.map(1..3, ask)
    until.(fn -> Rebeam.call(clerk, "kept", nil) == {:ok, 3} end)
    show.(Rebeam.call(clerk, "answer", :later))
    show.(tasks |> Task.await_many() |> Enum.sort())

    show.(Rebeam.call(clerk, "ask", 4, 20))
    show.(Rebeam.call(clerk, "answer", nil))
    show.(Rebeam.call(clerk, "quick", 5))
    show.(Process.info(self(), :messages))

    # A caller of the old kind, without an alias: the tag is a plain reference.
    {:ok, payload} = Rebeam.Value.pack("raw")
    tag = make_ref()
    send(clerk, {:"$gen_call", {self(), tag}, {:rebeam, "soon", payload}})
    receive do {^tag, {:ok, packed}} -> show.(Rebeam.Value.unpack(packed)) end

    task = ask.(6)
    until.(fn -> Rebeam.call(clerk, "kept", nil) == {:ok, 1} end)
    Process.exit(clerk, :kill)
    show.(Task.await(task))
    """

    assert InElixir.lines!(@head <> @supervised, code) == [
             ~s({:ok, {1, "a"}}),
             ~s({:ok, "first"}),
             ~s({:error, %{"why" => [1]}}),
             "true",
             "{:ok, 3}",
             "[ok: {1, :later}, ok: {2, :later}, ok: {3, :later}]",
             "{:timeout, nil}",
             "{:ok, 1}",
             "{:ok, 5}",
             "{:messages, []}",
             ~s({:ok, "raw"}),
             ~s({:down, "killed"})
           ]
  end

  test "callers on another node, and a question that travelled to another node" do
    code = ~S"""
    System.cmd("epmd", ["-daemon"])
    {:ok, _} = Node.start(:"near_#{System.pid()}@127.0.0.1")
    paths = Enum.map(:code.get_path(), &List.to_string/1)
    arguments = Enum.map(["-setcookie", "#{Node.get_cookie()}", "-pa" | paths], &String.to_charlist/1)
    {:ok, _, far} = :peer.start_link(%{name: :"far_#{System.pid()}", host: ~c"127.0.0.1",
                                       longnames: true, args: arguments})
    # The same program there.
    :erpc.cast(far, Code, :eval_string, [~s(
      {:ok, _} = Application.ensure_all_started(:rebeam\)
      :ok = Rebeam.Python.Runtime.start([python: #{inspect(System.fetch_env!("PYTHON_UNDER_TEST"))}], ["main.py"]\)
      {:ok, _} = Rebeam.Program.Script.start_link("script", #{inspect(Path.expand("main.py"))}\)
      Process.sleep(:infinity\)
    )])
    look = fn -> try do :erpc.call(far, Rebeam, :whereis, ["clerk"]) rescue _ -> nil end end
    clerk = until.(fn -> Rebeam.whereis("clerk") end)
    far_clerk = until.(look)
    {:ok, payload} = Rebeam.Value.pack("from afar")

    # A GenServer.call there to the actor here.
    for subject <- ["soon", "twice"] do
      {status, packed} = :erpc.call(far, GenServer, :call, [clerk, {:rebeam, subject, payload}])
      show.({status, Rebeam.Value.unpack(packed)})
    end

    # Python here to Python there, answered there; and again after a timeout.
    show.(Rebeam.cast("asker", "ask", {far_clerk, "twice", nil, 5}))
    show.(Rebeam.cast("asker", "ask", {far_clerk, "ask", 1, 0.05}))
    show.(Rebeam.cast("asker", "ask", {far_clerk, "answer", "late", 5}))
    show.(Rebeam.cast("asker", "ask", {far_clerk, "soon", {2, 3}, 5}))
    show.(Rebeam.call("asker", "answers", nil))

    # Asked there, handed over to the actor here, answered here.
    Rebeam.cast("asker", "ask", {far_clerk, "ask", "travelled", 5})
    task = Task.async(fn -> Rebeam.call(far_clerk, "ask", "from Elixir") end)
    until.(fn -> Rebeam.call(far_clerk, "kept", nil) == {:ok, 2} end)
    show.(Rebeam.call(far_clerk, "hand over", clerk))
    show.(Rebeam.call(clerk, "answer", "here"))
    show.(Rebeam.call("asker", "answers", nil))
    show.(Task.await(task))
    """

    program = """

    class Late(Clerk):
        @receive("soon")
        def soon(self, message, source):
            cast(ProcessID(), "later", (source, message))
            return no_reply()
        @receive("later")
        def later(self, message):
            reply(*message)

    def silent():
        sleep(1000)
    Supervisor(modules=[Late(), Asker(), silent])
    """

    assert InElixir.lines!(@head <> program, code) == [
             ~s({:ok, {:ok, "from afar"}}),
             ~s({:ok, {:ok, "first"}}),
             "true",
             "true",
             "true",
             "true",
             ~s({:ok, [{"ok", "first"}, {"timeout", nil}, {"ok", 1}, {"ok", {2, 3}}]}),
             ~s({:ok, "ok"}),
             "{:ok, 2}",
             ~s({:ok, [{"ok", {"travelled", "here"}}]}),
             ~s({:ok, {"from Elixir", "here"}})
           ]
  end
end
