defmodule Rebeam.FrontTest do
  # `config :rebeam, python_host: :process`: the application's VM has no Python of its own.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @placements [{"process", nil}, {"interpreter", InterpreterProgram.lacks_units()}]

  @main "front/front/main.py"

  # In a VM that is a node, with the option.
  defp front!(code, main \\ @main, env \\ []) do
    folder = Program.folder(%{"main.py" => main})
    name = "front_#{System.pid()}_#{System.unique_integer([:positive])}"
    flags = "+fnu -sname #{name} -rebeam python_host process -rebeam workers 1"
    options = [cd: folder, env: [{"ELIXIR_ERL_OPTIONS", flags} | env], limit: 240]
    result = Program.elixir(code, options)
    assert result.status == 0, result.out <> result.err
    result
  end

  # The same with the program as the script, which runs `python`, and `isolation` as its argument.
  defp placed!(main, isolation, code) do
    python =
      if isolation == "interpreter", do: hd(InterpreterProgram.pythons()), else: Program.python()

    start = "start = fn -> Rebeam.start_link(script: \"main.py\", args: [\"#{isolation}\"]) end\n"
    front!(start <> code, main, [{"REBEAM_PYTHON", python.executable}])
  end

  # An actor of Elixir's, with the name of a string or an atom.
  @echo """
  defmodule Echo do
    use Rebeam.Server
    def init(nil), do: {:ok, nil}
    def handle_receive(subject, message, _source, state), do: {:ok, [subject, message], state}
  end
  """

  @tag :slow
  test "scripts, actors, sessions and what they share are in an OS process of their own" do
    result =
      front!(
        @echo <>
          """
          false = Rebeam.Nodes.main?()
          own = System.pid()
          leader = Rebeam.Leader.start()
          {:ok, script} = Rebeam.Leader.lead(leader, fn ->
            Rebeam.start_link(script: "main.py", args: ["one"], name: Main)
          end)

          # Calls in both directions, by names of both kinds and from both placements.
          {:ok, 2} = Rebeam.call("near", "add", 2)
          {:ok, 3} = Rebeam.call("far", "add", 3)
          true = Rebeam.cast("near", "add", 5)
          {:ok, 7} = Rebeam.call("near", "add", 0)
          {:ok, near} = Rebeam.call("near", "where", nil)
          {:ok, far} = Rebeam.call("far", "where", nil)
          3 = length(Enum.uniq([own, to_string(near), to_string(far)]))
          {:ok, 1_000_000} = Rebeam.call("near", "size", String.duplicate("x", 1_000_000))
          {:ok, _} = Rebeam.Server.start_link(Echo, nil, name: "echo")
          {:ok, _} = Rebeam.Server.start_link(Echo, nil, name: Echo.Atom)
          for from <- ["near", "far"], to <- ["echo", "Elixir.Echo.Atom"],
              do: {:ok, ["hello", 1]} = Rebeam.call(from, "ask", [to, "hello", 1])
          {:error, "the script is a function: it takes no messages"} = Rebeam.call(Main, "x", 1)

          # What is shared.
          "python" = Rebeam.Table.get("rows", "made by")
          :ok = Rebeam.Table.put("rows", 1, [2])
          [2] = Rebeam.eval!("__import__('rebeam').Table('rows').get(1)")
          [{"made by", "python"}, {1, [2]}] = "rows" |> Rebeam.Table.to_list() |> Enum.sort(:desc)
          [{_, 0}] = Rebeam.Registry.lookup("desks", "far")
          5 = Rebeam.Counter.add("hits", 5)
          6 = Rebeam.eval!("__import__('rebeam').Counter('hits').add(1)")
          wait_until(fn -> length(:pg.get_members(:rebeam, "counters")) == 2 end)
          true = Enum.all?(["near", "far", "echo"], &(&1 in Rebeam.Names.registered()))

          # Actors and sessions that Elixir starts; what they print goes where it does here.
          {:ok, _} = Supervisor.start_link([{Rebeam.GenPy, {{"main", "Counter", ["mine"]}, path: "."}},
            {Rebeam.Session, name: Prompt}], strategy: :one_for_one, name: Own)
          {:ok, 1} = Rebeam.call("mine", "add", 1)
          {:ok, nil} = Rebeam.eval("n = 20", [], session: Prompt)
          {:ok, 22} = Rebeam.eval("n + two", [two: 2], session: Prompt)
          {:error, %{type: "ZeroDivisionError"}} = Rebeam.eval("1 / 0", [], session: Prompt)
          {:error, :timeout} = Rebeam.eval("while True: pass", [], timeout: 200)
          ["near" | _] = for %{name: name} <- Rebeam.Observe.actors(), name == "near", do: name
          true = Rebeam.info().actors > 2
          Supervisor.stop(Own)
          nil = Rebeam.whereis("mine")

          # A body that does not work.
          {:error, {%Rebeam.PythonError{type: "ValueError"}, []}} =
            Rebeam.start_link(script: "main.py", args: ["raise"])
          {:error, {:system_exit, 3}} = Rebeam.start_link(script: "main.py", args: ["exit"])

          :ok = Rebeam.stop(script)
          nil = Rebeam.whereis("near")
          false = Process.alive?(script)
          IO.write("taken\\n" <> Rebeam.Leader.take(leader))
          """
      )

    assert result.out =~ "taken\nbody one\nnear 2\nfar 3\nnear 7\nnear 7\n"
    # Once.
    assert [_, _] = String.split(result.err <> result.out, "ValueError: of the body")
  end

  @tag :slow
  test "when it dies, supervisors here start again what was there, and the VM lives" do
    result =
      front!("""
      Process.flag(:trap_exit, true)
      children = [{Rebeam, script: "main.py", id: :script}]
      {:ok, top} = Supervisor.start_link(children, strategy: :one_for_one)
      {:ok, alone} = Rebeam.start_link(script: "main.py", args: ["exit"]) |> case do
        {:error, {:system_exit, 3}} -> Rebeam.Session.start_link()
      end
      {:ok, first} = Rebeam.call("near", "where", nil)
      {:ok, 4} = Rebeam.call("near", "add", 4)
      {:down, _} = Rebeam.call("near", "end", 9)
      :noconnection = receive do {:EXIT, ^alone, reason} -> reason end
      wait_until(fn -> match?({:ok, _}, Rebeam.call("near", "where", nil)) end)
      {:ok, second} = Rebeam.call("near", "where", nil)
      true = first != second
      {:ok, 1} = Rebeam.call("near", "add", 1)
      %{active: 1} = Supervisor.count_children(top)
      Supervisor.stop(top)
      nil = Rebeam.whereis("near")
      Application.stop(:rebeam)
      # No OS process is left.
      wait_until(fn -> not File.exists?("/proc/\#{second}") end)
      """)

    assert result.out <> result.err =~
             "was killed by signal 9 (SIGKILL): its scripts and actors crashed"
  end

  # A `Rebeam.Server` that subscribes, and tells what it gets.
  @desk """
  defmodule Desk do
    use Rebeam.Server
    def init(test) do
      :ok = Rebeam.Topics.subscribe("orders.**")
      {:ok, test}
    end
    def handle_receive(topic, message, _source, test) do
      send(test, {:desk, topic, message})
      {:noreply, test}
    end
  end
  """

  for {isolation, lacks} <- @placements do
    @tag :slow
    @tag skip: lacks
    test "#{isolation}: topics go from here to Python, and back" do
      placed!(
        "front/topics/front_topics.py",
        unquote(isolation),
        @desk <>
          """
          # Before there is a main node: it begins for that.
          :ok = Rebeam.Topics.subscribe("orders.*")
          {:ok, desk} = Rebeam.Server.start_link(Desk, self(), name: "desk")
          {:ok, script} = start.()
          got = fn name, n -> wait_until(fn ->
            {:ok, got} = Rebeam.call(name, "got", nil)
            if length(got) == n, do: got
          end) end
          heard = fn topic -> receive do {:rebeam_topic, ^topic, message} -> message end end
          desk_heard = fn topic -> receive do {:desk, ^topic, message} -> message end end

          # Here, near, apart and at the desk; a pattern of one word is not met by two.
          4 = Rebeam.Topics.publish("orders.new", %{"id" => 1})
          {%{"id" => 1}, %{"id" => 1}} = {heard.("orders.new"), desk_heard.("orders.new")}
          {:ok, 4} = Rebeam.call("near", "publish", ["orders.paid", 2])
          {2, 2} = {heard.("orders.paid"), desk_heard.("orders.paid")}
          {:ok, 3} = Rebeam.call("apart", "publish", ["orders.a.b", 3])
          3 = desk_heard.("orders.a.b")
          4 = Rebeam.Topics.publish("orders.big", String.duplicate("x", 1_000_000), local: true)
          {1_000_000, 1_000_000} =
            {byte_size(heard.("orders.big")), byte_size(desk_heard.("orders.big"))}
          all = [["orders.new", %{"id" => 1}], ["orders.paid", 2], ["orders.a.b", 3], ["orders.big", 1_000_000]]
          for name <- ["near", "apart"], do: ^all = Enum.sort_by(got.(name, 4), &Enum.find_index(all, fn x -> x == &1 end))
          0 = Rebeam.Topics.publish("nobody", 1)

          # Who does not keep up: what waits for this process is what it has not received.
          :ok = Rebeam.Topics.subscribe("few", max_queue: 1)
          :ok = Rebeam.Topics.subscribe("one", max_queue: 1, when_full: :stop)
          # The answer to a call would wait, too.
          true = Rebeam.cast("near", "publish", ["one", 1])
          wait_until(fn -> Process.info(self(), :message_queue_len) == {:message_queue_len, 1} end)
          {:ok, _} = Rebeam.call("near", "publish", ["one", 2])
          receive do {:rebeam_unsubscribed, "one"} -> :ok end
          for n <- 1..2, do: {:ok, 1} = Rebeam.call("apart", "publish", ["few", n])
          wait_until(fn -> Rebeam.Topics.dropped()["few"] == 2 end)
          wait_until(fn -> Rebeam.call("near", "publish", ["one", 3]) == {:ok, 0} end)
          1 = heard.("one")

          # Who leaves or ends is told of to the main node.
          {:ok, true} = Rebeam.call("apart", "leave", nil)
          GenServer.stop(desk)
          wait_until(fn -> Rebeam.Topics.publish("orders.late", 0) == 2 end)
          true = Rebeam.Topics.unsubscribe("few")
          {:ok, 0} = Rebeam.call("near", "publish", ["few", 3])

          # Another main node hears who subscribes here, soon.
          :ok = Rebeam.stop(script)
          Process.flag(:trap_exit, true)
          {:ok, session} = Rebeam.Session.start_link()
          Rebeam.eval("import os; os._exit(1)", [], session: session)
          receive do {:EXIT, ^session, _} -> :ok end
          {:ok, _script} = wait_until(fn -> with {:error, _} <- start.(), do: nil end)
          wait_until(fn -> Rebeam.call("apart", "publish", ["orders.again", 5]) == {:ok, 3} end)
          5 = heard.("orders.again")
          """
      )
    end

    @tag :slow
    @tag skip: lacks
    test "#{isolation}: ends and groups are seen from both sides" do
      placed!(
        "front/monitors/front_monitors.py",
        unquote(isolation),
        """
        Process.flag(:trap_exit, true)
        {:ok, _script} = start.()
        seen = fn name -> wait_until(fn ->
          with {:ok, []} <- Rebeam.call(name, "seen", nil), do: nil
        end) end
        waiting = fn -> spawn(fn -> receive do reason -> exit(reason) end end) end

        for name <- ["near", "apart"] do
          # Python sees who ends here: by pid, by name, and that nobody has a name.
          here = waiting.()
          {:ok, nil} = Rebeam.call(name, "monitor", here)
          send(here, :over)
          {:ok, [["Down", ^here, "over"]]} = seen.(name)
          {:ok, nil} = Rebeam.call(name, "monitor", "nobody here")
          {:ok, [["Down", nil, "noproc"]]} = seen.(name)
          {:ok, session} = Rebeam.Session.start_link()
          {:ok, nil} = Rebeam.call(name, "monitor", session)
          Rebeam.stop(session)
          {:ok, [["Down", ^session, "normal"]]} = seen.(name)
          # What is not watched any more is not seen: the next one is.
          here = waiting.()
          {:ok, nil} = Rebeam.call(name, "monitor", here)
          {:ok, true} = Rebeam.call(name, "demonitor", nil)
          send(here, :over)
          group = "group of \#{name}"
          {:ok, nil} = Rebeam.call(name, "group", group)
          here = waiting.()
          :ok = :pg.join(:rebeam, group, here)
          {:ok, [["Joined", ^here, nil]]} = seen.(name)
          :ok = :pg.leave(:rebeam, group, here)
          {:ok, [["Left", ^here, nil]]} = seen.(name)
          {:ok, nil} = Rebeam.call(name, "trap and link", here)
          send(here, :linked)
          {:ok, [["Exit", ^here, "linked"]]} = seen.(name)

          # Here it is seen who ends there, by each kind of tie.
          actor = Rebeam.whereis(name)
          true = Process.link(actor)
          here = waiting.()
          {:ok, nil} = Rebeam.call(name, "link", here)
          monitors = for pid <- [actor, here], do: {pid, Process.monitor(pid)}
          {:down, text} = Rebeam.call(name, "raise", "of " <> name)
          true = text =~ "ValueError: of " <> name
          for {pid, monitor} <- monitors do
            reason = receive do {:DOWN, ^monitor, :process, ^pid, reason} -> reason end
            true = Rebeam.PythonError.reason_text(reason) =~ "ValueError: of " <> name
          end
          {%Rebeam.PythonError{type: "ValueError"}, _} = receive do {:EXIT, ^actor, reason} -> reason end
        end
        """
      )
    end

    @tag :slow
    @tag skip: lacks
    test "#{isolation}: a module is loaded again for all of its actors" do
      placed!(
        "front/reload/front_reload.py",
        unquote(isolation),
        """
        {:error, ["Python is not started"]} = Rebeam.reload("front_prices")
        {:ok, _script} = start.()
        {:ok, _} = Rebeam.GenPy.start_link({"front_prices", "Price", ["mine"]}, path: ".")
        all = ["near", "apart", "mine"]
        ask = fn -> for name <- all, do: elem(Rebeam.call(name, "of", 10), 1) end
        [[20, 1], [20, 1], [20, 1]] = ask.()
        text = File.read!("front_prices.py")
        become = &File.write!("front_prices.py", String.replace(text, "message * 2", &1))

        become.("message * 3")
        {:ok, %{changed: ["Price.of"], actors: 3}} = Rebeam.reload("front_prices")
        [[30, 2], [30, 2], [30, 2]] = ask.()

        become.("message *")
        {:error, [text]} = Rebeam.reload("front_prices")
        true = text =~ "SyntaxError"
        {:error, [text]} = Rebeam.reload("nothing")
        true = text =~ "no module 'nothing' is loaded here"
        [[30, 3], [30, 3], [30, 3]] = ask.()

        # One crash is too many: all is as before. That comes after the crash, and is done everywhere
        # when who does it answers again.
        version = fn -> List.keyfind(Rebeam.Code.versions(), "front_prices", 0) |> elem(1) end
        before = version.()
        become.("message / 0")
        {:ok, %{actors: 3}} = Rebeam.reload("front_prices", max_crashes: 0, max_seconds: 600)
        {:down, _} = Rebeam.call("near", "of", 10)
        wait_until(fn -> version.() == before end)
        wait_until(fn -> match?({:ok, [30, _]}, Rebeam.call("near", "of", 10)) end)
        for name <- ["apart", "mine"], do: {:ok, [30, 4]} = Rebeam.call(name, "of", 10)
        """
      )
    end
  end

  test "what cannot be is said clearly" do
    code = """
    {:error, text} = Rebeam.eval("1")
    IO.puts(text)
    """

    result = Program.elixir(code, env: [{"ELIXIR_ERL_OPTIONS", "-rebeam python_host process"}])
    assert result.status == 0, result.out <> result.err

    assert result.out =~
             "python_host: :process needs a VM that is a node: start it with --sname NAME"

    result = Program.elixir(code, env: [{"ELIXIR_ERL_OPTIONS", "-rebeam python_host thread"}])

    assert result.out <> result.err =~
             "config :rebeam, python_host: is :process, or is not there, not :thread"
  end
end
