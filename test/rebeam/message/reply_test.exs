defmodule Rebeam.Message.ReplyTest do
  # Deferred replies: no_reply() in the handler, and reply(source, ...) later from anywhere.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterpreterProgram, Program}

  @tag :slow
  test "answers from the actor itself, to several callers, with OK and ERROR" do
    assert Program.lines!("message/reply/answers_from_the_actor_itself.py") == [
             "(<Status.OK: 'ok'>, 3)",
             "[[('ok', (0, 'done'))], [('ok', (1, 'done'))], [('ok', (2, 'done'))]]",
             "error {'why': [1]} ok None",
             "True",
             "baseline"
           ]
  end

  test "the first reply counts, whoever the caller is" do
    program = """
    import threading
    from rebeam import *
    from deferred import *
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

    assert Program.lines!(program) == [
             "ok first",
             "500 {('ok', 'first')}",
             "ok [('ok', 'first'), ('ok', 'first')]",
             "ok next",
             "thread ok first ok next"
           ]
  end

  @tag :slow
  test "TIMEOUT, then two good calls while the reply arrives late" do
    assert Program.lines!("message/reply/timeout.py") == [
             "[('timeout', None), ('ok', 1), ('ok', 1), ('ok', 2), " <>
               "('timeout', None), ('ok', None), ('ok', 3)]",
             "timeout None",
             "ok 1 ok 4 ok 5",
             "baseline"
           ]
  end

  @tag :slow
  test "the source is answered from another actor and from a spawned thread, and by pickle" do
    assert Program.lines!("message/reply/source_is_answered_from_another_actor.py") == [
             "ok ok",
             "ok 1",
             "[('ok', ('travelled', 'from the other')), ('ok', ('thread', 7)), " <>
               "('ok', ('pickled', True, True))]",
             "ok [('ok', ('thread', 8)), ('ok', ('thread', 8))]",
             "ok ('thread', 9)",
             "baseline"
           ]
  end

  @tag :slow
  test "what dies before it answered: DOWN with the reason" do
    result =
      Program.run("message/reply/what_dies_before_it_answered.py", options: ~w(--log-level none))

    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) ==
             List.duplicate("down 1 {('down', 'ValueError: on purpose')}", 4) ++
               ["ok 0 baseline"]
  end

  @tag :slow
  test "replies to a caller that died go nowhere" do
    result =
      Program.run("message/reply/replies_to_a_caller_that_died_go_nowhere.py",
        options: ~w(--log-level none)
      )

    assert %{status: 0, err: "", out: "ok 2\nok fine baseline\n"} = result
  end

  # Each line: what came back as a cast, and who it says has answered.
  for {placement, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", Rebeam.InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks

    @tag :slow
    test "a cast with a sender is answered later as well, and the answer has a source: #{placement}" do
      for own <- pythons(unquote(placement)) do
        options = ["--workers", "2", "--log-level", "none" | own]

        assert {own,
                Program.lines!("message/reply/casts.py",
                  args: [unquote(placement)],
                  options: options
                )} ==
                 {own,
                  [
                    "now 2 ok clerk",
                    "later late ok clerk",
                    "refuse no error clerk",
                    "pass on from another ok other",
                    "now 6 ok machine",
                    "later of the machine ok machine",
                    "machine heard (11, 'ok', 'clerk') None None",
                    "nothing bounced"
                  ]}
      end
    end
  end

  defp pythons("interpreter"),
    do: for(python <- InterpreterProgram.pythons(), do: ["--python", python.executable])

  defp pythons(_placement), do: [[]]

  test "no_reply() to a cast is no answer, and what is no request is refused" do
    assert Program.lines!("message/reply/no_reply.py") == [
             "no_reply() None None",
             "True True True",
             "1",
             "TypeError reply() answers the `source` of a message, a ProcessID, not <pid>",
             "2",
             "plain",
             "[('cast', 1), ('seen', None)]",
             "ok then a good one",
             ~s(response["a"][0]: cannot pickle '_thread.lock' object),
             "reply() wants a response, and no_reply() is none",
             "reply() answers the `source` of a message, a ProcessID, not <it>",
             "<it> came with no call or cast: there is nothing to reply to"
           ]
  end

  @tag :slow
  test "many deferred calls leave nothing behind" do
    program = """
    from rebeam import *
    from baseline import counts, settled
    from rebeam import call
    from deferred import *
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

    assert Program.lines!(program) == ["0 baseline"]
  end

  @tag :slow
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
  @tag :large
  test "100,000 deferred calls leave memory flat" do
    assert Program.lines!("message/reply/deferred_calls_leave_memory_flat.py", limit: 180) == [
             "flat baseline"
           ]
  end

  @supervised "message/reply/supervised.py"

  @tag :slow
  test "callers in Elixir: an answer, an error, a timeout, an end" do
    code = ~S"""
    Logger.configure(level: :none)
    clerk = wait_until(fn -> Rebeam.whereis("clerk") end)
    # In processes of their own: as with any gen_server, a second reply may reach the mailbox.
    show.(Task.await(Task.async(fn -> Rebeam.call("clerk", "soon", {1, "a"}) end)))
    show.(Task.await(Task.async(fn -> Rebeam.call(clerk, "twice", nil) end)))
    show.(Rebeam.call(clerk, "error", nil))
    # The hidden request is nothing that Elixir sees.
    show.(Rebeam.call(clerk, "source", nil) == {:ok, [self()]})

    ask = fn n -> Task.async(fn -> Rebeam.call(clerk, "ask", n, 5_000) end) end
    tasks = Enum.map(1..3, ask)
    wait_until(fn -> Rebeam.call(clerk, "kept", nil) == {:ok, 3} end)
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
    wait_until(fn -> Rebeam.call(clerk, "kept", nil) == {:ok, 1} end)
    Process.exit(clerk, :kill)
    show.(Task.await(task))
    """

    assert InElixir.lines!(@supervised, code) == [
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

  @tag :slow
  test "callers on another node, and a question that travelled to another node" do
    code = ~S"""
    look = fn -> Rebeam.FarNode.whereis(far, "clerk") end
    clerk = wait_until(fn -> Rebeam.whereis("clerk") end)
    far_clerk = wait_until(look)
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
    wait_until(fn -> Rebeam.call(far_clerk, "kept", nil) == {:ok, 2} end)
    show.(Rebeam.call(far_clerk, "hand over", clerk))
    show.(Rebeam.call(clerk, "answer", "here"))
    show.(Rebeam.call("asker", "answers", nil))
    show.(Task.await(task))
    """

    program = """
    from rebeam import *
    from deferred import *

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

    assert InElixir.lines_of_two!(program, code) == [
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
