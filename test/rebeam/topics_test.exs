defmodule Rebeam.TopicsTest do
  # Topics: who gets what, in which order, and who does not keep up.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterpreterProgram, Program}

  @places [
    {"shared", nil},
    {"process", nil},
    {"interpreter", InterpreterProgram.lacks_units()}
  ]

  defp options("shared"), do: []
  defp options("process"), do: ~w(--workers 2 --isolation process)

  defp options("interpreter") do
    python = hd(InterpreterProgram.pythons())
    ["--workers", "2", "--isolation", "interpreter", "--python", python.executable]
  end

  for {place, lacks} <- @places do
    @tag :slow
    @tag skip: lacks
    test "#{place}: who matches gets a message once, in the order of who publishes" do
      options = ["--log-level", "none" | options(unquote(place))]
      result = Program.run("topics/topics/who_matches.py", options: options)
      assert %{status: 0, err: ""} = result
      lines = String.split(result.out, "\n", trim: true)

      assert Enum.take(lines, 8) == [
               "True",
               "True",
               "True",
               "True",
               "0 1 1 0",
               "[6, 6]",
               "[6, 6]",
               "True"
             ]

      assert Enum.slice(lines, 8, 6) == List.duplicate("True", 6)

      assert Enum.drop(lines, 14) == [
               "True [('orders', 1), ('orders.a.new', 3), ('a.b.c', 4), ('a.b.b.c', None), " <>
                 "('order', None)]",
               "True False",
               "True ['**.end', 'a.*.c', 'orders.**', 'orders.new']",
               "True",
               "over"
             ]
    end

    @tag :slow
    @tag skip: lacks
    test "#{place}: a slow subscriber is spared, and told what it missed" do
      options = ["--log-level", "none" | options(unquote(place))]
      result = Program.run("topics/topics/slow_subscribers.py", options: options)
      assert %{status: 0, err: ""} = result

      {went, rest} =
        result.out |> String.split("\n", trim: true) |> Enum.split_with(&(&1 =~ "went"))

      kind = [
        "True {'n': 3}",
        "{'n': 3} [('n', 'again')]",
        "['n', 'n.**']",
        "[('n', 0), ('n', 1)] {}",
        "[('n', 'anew')]"
      ]

      assert rest == kind ++ kind ++ kind ++ ["{'n': 2}", "{'m.*': 2, 'm.**': 2}"]

      # On another node it is not known which of them are dropped.
      if unquote(place) != "process" do
        kind = ["went to [1, 1, 1, 1, 0, 0, 0]", "went to [1, 1, 0, 0, 0]"]
        both = ["went to [1, 1, 1, 0, 0]", "went to [1, 1, 1, 1, 0, 0]"]
        assert went == kind ++ kind ++ kind ++ both
      end
    end
  end

  @tag :slow
  test "two hundred subscribers, four publishers of each kind of place: each one's order is kept" do
    assert Program.lines!("topics/topics/order.py", args: ["process"]) == ["True", "True"]
  end

  @tag :slow
  test "subscribers of a unit that is killed are none any more; those in their place are" do
    options = ["--workers", "1", "--log-level", "none"]

    assert Program.out!("topics/topics/lost_unit.py", options: options) == ["3 3", "3 3", "over"]
  end

  @tag :slow
  test "subscriptions and memberships outlive the processes that know them" do
    program = "topics/topics/server_ends.py"

    assert Program.lines!(program, options: ~w(--log-level none)) == [
             "3 3 3",
             "3 3 3",
             "True 2 True",
             "3 True True",
             "0 {'b': 0}"
           ]
  end

  @tag :slow
  test "who subscribes in a unit does so although the one that is asked on the main node ends" do
    program = """
    from rebeam import *
    class Member(GenPy):
        name = "member"
        @receive("subscribe")
        def subscribe(self):
            return subscribe("a.*")
        @receive("unsubscribe")
        def unsubscribe(self):
            return unsubscribe("a.*"), unsubscribe("a.*")
        @receive("a.b")
        def take(self):
            pass
    Supervisor(modules=[child(Member(), isolation="process")])
    """

    code = ~S"""
    wait_until(fn -> Rebeam.whereis("member") end)

    ending = fn subject ->
      server = Process.whereis(Rebeam.Topics.Table.server())
      :sys.suspend(server)
      asked = Task.async(fn -> Rebeam.call("member", subject, nil, 60_000) end)
      wait_until(fn ->
        {:messages, messages} = Process.info(server, :messages)
        Enum.any?(messages, &(elem(&1, 0) == :know))
      end)
      Process.exit(server, :kill)
      show.({Task.await(asked, :infinity), Rebeam.Topics.publish("a.b", 1)})
    end

    ending.("subscribe")
    ending.("unsubscribe")
    """

    node = ~S"""
    :ok = Rebeam.OwnNode.start("topics", :longnames)
    """

    assert InElixir.lines!(program, code, node) == [
             "{{:ok, nil}, 1}",
             "{{:ok, {true, false}}, 0}"
           ]
  end

  @tag :slow
  test "an Elixir node where nothing has needed Python yet hears what others publish and register" do
    result =
      Program.elixir("""
      :ok = Rebeam.OwnNode.start("near", :longnames)
      paths = Enum.map(:code.get_path(), &to_string/1)
      flags = Enum.map(["-setcookie", "\#{Node.get_cookie()}", "-pa" | paths], &to_charlist/1)
      node = %{name: :"far_#{System.pid()}", host: ~c"127.0.0.1", longnames: true, args: flags}
      {:ok, peer, far} = :peer.start_link(Map.put(node, :connection, :standard_io))
      {:ok, _} = :peer.call(peer, :application, :ensure_all_started, [:rebeam], :infinity)
      true = Node.connect(far)
      near = node()

      code = ~S|
      spawn(fn ->
        Rebeam.Topics.subscribe("a.*")
        receive do
          message -> send({:test, near}, {message, Rebeam.Registry.lookup({"r", near}, 1)})
        end
      end)
      |

      Process.register(self(), :test)
      Rebeam.Registry.register("r", 1, %{"x" => [1]})
      :peer.call(peer, Code, :eval_string, [code, [near: near]], 60_000)
      wait_until(fn -> Rebeam.Topics.publish("a.b", %{"y" => 2}) == 1 end)

      receive do
        {message, [{pid, value}]} -> IO.inspect({message, pid == self(), value})
      end
      """)

    assert result.out == ~s({{:rebeam_topic, "a.b", %{"y" => 2}}, true, %{"x" => [1]}}\n)
  end

  test "a pattern of any number of words holds nobody who publishes" do
    many = Enum.map_join(1..1000, ".", fn _ -> "**" end)
    :ok = Rebeam.Topics.subscribe("many.#{many}.end")

    {time, counts} =
      :timer.tc(fn -> for _ <- 1..3, do: Rebeam.Topics.publish("many.a.b.end", 1) end)

    assert {counts, time < 5_000_000} == {[1, 1, 1], true}
    assert Rebeam.Topics.publish("many.end", 1) == 1
    assert Rebeam.Topics.publish("many.end.a", 1) == 0
    assert Rebeam.Topics.unsubscribe("many.#{many}.end")
  end

  for {tag, subscribers, publications} <- [{:slow, 500, 200}, {:large, 10_000, 1_000}] do
    @tag tag
    @tag timeout: 1_200_000
    test "#{subscribers} subscribers get all of #{publications} publications in order" do
      arguments = [to_string(unquote(subscribers)), to_string(unquote(publications))]
      options = [args: arguments, limit: 1_200]
      assert Program.lines!("topics/topics/many_subscribers.py", options) == ["{True} True 0"]
    end
  end

  @tag :slow
  test "the guide's example" do
    guide = File.read!(Path.expand("../../priv/guides/topics.md", __DIR__))
    [_, example] = Regex.run(~r/```python\n(.*?)```/s, guide)

    # What comes at last of all that has to be there by then.
    on = [{"orders.cake.new {'item': 'cake'}", :signal, "SIGTERM"}]
    result = Program.run(example, on: on, env: [{"PYTHONUNBUFFERED", "1"}])
    lines = String.split(result.out, "\n", trim: true)
    assert "tea! {'item': 'tea'}" in lines
    assert "(<Status.OK: 'ok'>, 1)" in lines
    assert Enum.any?(lines, &(&1 =~ "a shop opened: <"))
  end

  @tag :slow
  test "Elixir processes subscribe and publish, too" do
    code = ~S"""
    defmodule Listener do
      use Rebeam.Server
      def start_link, do: Rebeam.Server.start_link(__MODULE__, nil, name: "listener")
      def init(nil), do: {Rebeam.Topics.subscribe("news.**"), []}
      def handle_receive("got", _, _, got), do: {:ok, Enum.reverse(got), got}
      def handle_receive(topic, message, nil, got), do: {:ok, nil, [{topic, message} | got]}
    end

    {:ok, _} = Listener.start_link()
    # It has its name before it has subscribed.
    wait_until(fn -> Rebeam.call("python", "got", nil) == {:ok, []} end)
    :ok = Rebeam.Topics.subscribe("news.*")
    show.(Rebeam.Topics.publish("news.a", {1, ["x"]}))
    show.(Rebeam.call("python", "publish", "news.b"))
    show.(for _ <- 1..2, do: receive(do: ({:rebeam_topic, topic, message} -> {topic, message})))
    show.(Rebeam.call("listener", "got", nil))
    show.(Rebeam.call("python", "got", nil))
    show.(Rebeam.Topics.unsubscribe("news.*"))
    :ok = Rebeam.Topics.subscribe("news.*", max_queue: 2)
    for n <- 1..4, do: Rebeam.Topics.publish("news.n", n, local: true)
    show.({Process.info(self(), :message_queue_len), Rebeam.Topics.dropped()})
    :ok = Rebeam.Topics.subscribe("news.*", max_queue: 2, when_full: :stop)
    Rebeam.Topics.publish("news.n", 5)
    wait_until(fn -> Process.info(self(), :message_queue_len) == {:message_queue_len, 3} end)
    show.(Process.info(self(), :messages))
    show.(Rebeam.Topics.publish("news.c", 6))
    """

    program = """
    from rebeam import *
    class Python(GenPy):
        def __init__(self):
            self.name, self.got = "python", []
        @start()
        def begin(self):
            subscribe("news.a")
        @receive("publish")
        def publish(self, message):
            return publish(message, "of Python")
        @receive("got")
        def all(self):
            return self.got
        @receive("news.a")
        def news(self, subject, message, source):
            self.got.append((subject, message, source))
    Supervisor(modules=[Python()])
    """

    assert InElixir.lines!(program, code) == [
             "3",
             "{:ok, 2}",
             ~s([{"news.a", {1, ["x"]}}, {"news.b", "of Python"}]),
             ~s({:ok, [{"news.a", {1, ["x"]}}, {"news.b", "of Python"}]}),
             ~s({:ok, [{"news.a", {1, ["x"]}, nil}]}),
             "true",
             ~s({{:message_queue_len, 2}, %{"news.*" => 2}}),
             ~s({:messages, [{:rebeam_topic, "news.n", 1}, {:rebeam_topic, "news.n", 2}, ) <>
               ~s({:rebeam_unsubscribed, "news.*"}]}),
             "1"
           ]
  end

  @tag :slow
  test "other nodes and their units hear it; one that takes nothing holds up nobody" do
    code = ~S"""
    wait_until(fn -> Rebeam.FarNode.whereis(far, "here") end)
    wait_until(fn -> Rebeam.whereis("here") end)
    for node <- [node(), far],
      do: {:ok, _} = node |> Rebeam.FarNode.whereis("here") |> Rebeam.call("unit", nil, 60_000)
    # Of each program two.
    wait_until(fn -> Rebeam.Topics.publish("warm.up", nil) == 4 end)
    wait_until(fn -> :erpc.call(far, Rebeam.Topics, :publish, ["warm.up", nil]) == 4 end)
    there = for name <- ["here", "unit"], do: Rebeam.FarNode.whereis(far, name)
    ask = fn actor, subject, message -> elem(Rebeam.call(actor, subject, message, 60_000), 1) end
    large = %Rebeam.Bytes{data: String.duplicate("x", 1_000_000)}
    show.(for {from, n} <- Enum.with_index(["here", "unit"] ++ there),
      do: {ask.(from, "publish", {"a.b", {n, large}, false}), ask.(from, "publish", {"a.b", {n, 2}, true})})
    # In the order of each publisher; which of them is first, nobody promises.
    got = fn actor ->
      wait_until(fn -> got = ask.(actor, "got", nil); length(got) == 6 && Enum.sort_by(got, &elem(&1, 0)) end)
    end
    for actor <- ["here", "unit"] ++ there, do: show.(got.(actor))
    show.(hd(there) |> ask.("unsubscribe", "a.*"))
    wait_until(fn -> Rebeam.Topics.publish("a.x", nil) == 3 end)

    os_pid = to_string(:erpc.call(far, :os, :getpid, []))
    System.cmd("kill", ["-STOP", os_pid])
    {time, counts} = :timer.tc(fn -> for _ <- 1..40, do: ask.("here", "publish", {"a.b", {0, large}, false}) end)
    show.({Enum.uniq(counts), time < 20_000_000})
    System.cmd("kill", ["-KILL", os_pid])
    wait_until(fn -> Rebeam.Topics.publish("a.x", nil) == 2 end)
    """

    program = """
    from rebeam import *
    class Member(GenPy):
        def __init__(self, name):
            self.name, self.got = name, []
        @start()
        def begin(self):
            subscribe("a.*")
            subscribe("warm.**")
        @receive("unit")
        def unit(self):
            run_register_process(child(Member("unit"), isolation="process"))
        @receive("publish")
        def publish(self, message):
            topic, value, local = message
            return publish(topic, value, local=local)
        @receive("unsubscribe")
        def over(self, message):
            return unsubscribe(message)
        @receive("got")
        def all(self):
            return [(n, len(each) if isinstance(each, bytes) else each) for n, each in self.got]
        @receive("a.b")
        def take(self, message):
            self.got.append(message)
        @receive()
        def other(self):
            pass
    Supervisor(modules=[Member("here")])
    """

    near =
      inspect([{0, 1_000_000}, {0, 2}, {1, 1_000_000}, {1, 2}, {2, 1_000_000}, {3, 1_000_000}])

    far =
      inspect([{0, 1_000_000}, {1, 1_000_000}, {2, 1_000_000}, {2, 2}, {3, 1_000_000}, {3, 2}])

    assert InElixir.lines_of_two!(program, code) == [
             "[{4, 2}, {4, 2}, {4, 2}, {4, 2}]",
             near,
             near,
             far,
             far,
             "true",
             "{[3], true}"
           ]
  end
end
