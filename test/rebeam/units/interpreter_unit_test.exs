defmodule Rebeam.Units.InterpreterUnitTest do
  # Interpreter units as such: apart from each other, refusing what they cannot have, counted.
  use ExUnit.Case, async: true

  import Rebeam.InterpreterProgram

  @moduletag skip: lacks_units()

  # Each test runs under every CPython that has units.
  defp everywhere(code, expected) do
    assert [_ | _] = pythons()

    for python <- pythons(),
        do: assert({python.version, lines!(python, code)} == {python.version, expected})
  end

  @tag :slow
  test "modules and their globals are each unit's own, the program's settings everybody's" do
    everywhere(
      """
      [one, two] = units.(2)
      [a, b, c, d] = for maker <- [main, one, two, one], do: start.(maker, "Peer", [])
      show.(for actor <- [a, a, b, c, d, d], do: ask.(actor, "global", nil))
      settings = for maker <- [main, one, two] do
        ask.(start.(maker, "Feature", []), "where", nil) |> Tuple.delete_at(0)
      end
      show.(length(Enum.uniq(settings)))
      show.(elem(hd(settings), 0))
      threads = for maker <- [main, one, two] do
        ask.(start.(maker, "Runs", []), "exec",
          "import threading, _thread; result = threading.main_thread().ident == _thread.get_ident()")
      end
      show.(threads)
      """,
      ["[1, 2, 1, 1, 2, 3]", "1", ~s(["main.py", "arg"]), "[false, false, false]"]
    )
  end

  @tag :slow
  test "while one holds its GIL for seconds, the others go on" do
    everywhere(
      """
      [one, two] = units.(2)
      holder = start.(one, "Runs", [])
      others = for maker <- [main, two], do: start.(maker, "Peer", [])
      held = Task.async(fn -> ask.(holder, "hold", 150_000_000) end)
      answered = fn answered, count ->
        if Task.yield(held, 0) do
          count
        else
          for {other, n} <- Enum.with_index(others), do: ^n = ask.(other, "echo", n)
          answered.(answered, count + 1)
        end
      end
      show.(answered.(answered, 0) > 100)
      """,
      ["true"]
    )
  end

  @tag :slow
  test "code that never ends is killed, also where it swallows all, and its unit goes on" do
    everywhere(
      """
      [one, two] = units.(2)
      sink = start.(main, "Peer", [])
      echo = start.(one, "Peer", [])
      killed = for maker <- [one, one, two], class <- ["Peer", "Feature"] do
        actor = start.(maker, class, [])
        Rebeam.cast(actor, "spin", sink)
        actor
      end
      wait_until(fn -> length(ask.(sink, "seen", nil)) == 6 end)
      show.(ask.(echo, "echo", 1))
      wait_until(fn -> Rebeam.info().detached == 6 end)
      for actor <- killed, do: Process.exit(actor, :kill)
      wait_until(fn -> Rebeam.info().abandoned + Rebeam.info().detached == 0 end)
      show.(ask.(echo, "echo", 2))
      wait_until(fn -> Rebeam.info().actors == 2 end)
      """,
      ["1", "2"]
    )
  end

  @tag :slow
  test "actors under a supervisor of Elixir's crash and restart in their unit" do
    everywhere(
      """
      [one] = units.(1)
      {_, packed} = recipe.(one, {"unit_features", "Peer"}, [])
      children = for n <- 1..3 do
        options = [kind: :actor, label: "peer", name: "peer \#{n}"]
        %{id: n, start: {Rebeam.Actor, :start_link, [{one, packed}, options]}}
      end
      {:ok, _} = Supervisor.start_link(children, strategy: :rest_for_one)
      before = for n <- 1..3, do: Rebeam.whereis("peer \#{n}")
      ask.("peer 2", "note", "old")
      {:down, traceback} = Rebeam.call("peer 2", "crash", 7)
      show.(traceback =~ "unit_features.Odd: 7 and 2")
      wait_until(fn -> Rebeam.whereis("peer 3") not in [nil | before] end)
      show.(for n <- 1..3, do: Rebeam.whereis("peer \#{n}") == Enum.at(before, n - 1))
      show.(ask.("peer 2", "seen", nil))
      show.(Rebeam.call("peer 1", "exit", nil))
      """,
      ["true", "[true, false, false]", "[]", ~s({:down, "normal"})]
    )
  end

  @tag :slow
  test "a module that refuses sub-interpreters says so, and names what to do" do
    everywhere(
      """
      [one] = units.(1)
      runs = start.(one, "Runs", [])
      libraries = "[it for it in ('readline', '_curses', '_tkinter') if importlib.util.find_spec(it)]"
      found = ask.(runs, "exec", "import importlib.util; result = " <> libraries)
      [_ | _] = found
      refused = for module <- ["faulthandler", "tracemalloc"] ++ found do
        text = ask.(runs, "exec", "import " <> module)
        text =~ ~r/^ImportError: module _?\#{module} does not support loading in subinterpreters: / and
          text =~ ~s(isolation="process")
      end
      show.(Enum.uniq(refused))
      show.(ask.(start.(main, "Runs", []), "exec", "import faulthandler"))
      show.(ask.(runs, "exec", "import zoneinfo, datetime, decimal, json, sqlite3, asyncio, ssl"))
      """,
      ["[true]", "nil", "nil"]
    )
  end

  @tag :slow
  test "fork is refused, other processes start, and their signals are not shut off" do
    code = """
    import subprocess, sys
    code = 'import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []))'
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout
    """

    everywhere(
      """
      [one] = units.(1)
      runs = start.(one, "Runs", [])
      show.(ask.(runs, "exec", "import os; os.fork()") =~ "RuntimeError: fork would copy the Erlang VM")
      for _ <- 1..2, do: show.(ask.(runs, "exec", #{inspect(code)}))
      """,
      ["true", inspect("set()\n"), inspect("set()\n")]
    )
  end

  # The thread that made the unit runs what the program defines there.
  @tag :slow
  test "also interpreters that the program makes where a unit begins" do
    for python <- pythons() do
      lines =
        Rebeam.Program.lines!(
          "units/interpreter_unit/also_interpreters_that_the_program_makes.py",
          options: ["--python", python.executable]
        )

      assert {python.version, lines} == {python.version, ["True", "True"]}
    end
  end

  @tag :slow
  test "handles and interpreters of others are refused" do
    code = """
    import sys
    name = '_interpreters' if sys.version_info >= (3, 13) else '_xxsubinterpreters'
    interpreters = __import__(name)
    made = interpreters.create()
    try:
        failed = interpreters.run_string(made, 'import _rebeam')
        result = failed.formatted if failed else "imported"
    except interpreters.RunFailedError as error:
        result = str(error)
    """

    everywhere(
      """
      [one, two] = units.(2)
      for {own, other} <- [{main, one}, {one, main}, {one, two}] do
        native = Native.actor_new(recipe.(own, {"unit_features", "Peer"}, []), :shared, 0)
        what = recipe.(other, {"unit_features", "Peer"}, [])
        show.(try do
          Native.actor_work(native, :construct, "", what, nil, nil)
        rescue
          ArgumentError -> :refused
        end)
      end
      show.(ask.(start.(one, "Peer", []), "echo", 1))
      for maker <- [main, one] do
        runs = start.(maker, "Runs", [])
        text = ask.(runs, "exec", #{inspect(code)})
        show.(text =~ "rebeam cannot be used in an interpreter that the program makes")
        show.(ask.(runs, "hold", 5))
      end
      """,
      [":refused", ":refused", ":refused", "1", "true", "10", "true", "10"]
    )
  end

  @tag :slow
  test "counts are each unit's, the sum of all, and back at their baseline" do
    everywhere(
      """
      started = for n <- 1..2, do: elem(Interpreter.start_link(n), 1)
      makers = Enum.map(started, &elem(Interpreter.await(&1), 1))
      all = fn -> [Native.interpreter_counts(main) | Enum.map(started, &Interpreter.info/1)] end
      begun = Enum.map(all.(), &{&1.actors, &1.handles})
      show.(begun)
      [peer, slow | rest] = for maker <- [main | makers], _ <- 1..2, do: start.(maker, "Peer", [])
      asking = for pid <- rest, do: start.(hd(makers), "Feature", [pid])
      for feature <- asking, do: ask.(feature, "peer", slow)
      for feature <- asking, do: Rebeam.cast(feature, "deferred", nil)
      wait_until(fn -> Enum.at(all.(), 1).suspended >= 4 end)
      show.(Enum.map(all.(), & &1.actors) |> Enum.take(1) |> hd() >= 2)
      sum = Enum.reduce(all.(), &Map.merge(&1, &2, fn _, a, b -> a + b end))
      show.(Map.keys(sum) == Map.keys(Rebeam.info()) -- [:units])
      show.(ask.(peer, "echo", 1))
      for pid <- [peer, slow | rest] ++ asking, do: Process.exit(pid, :kill)
      DynamicSupervisor.which_children(Rebeam.Processes)
      wait_until(fn -> Enum.all?(all.(), &(&1.actors + &1.suspended + &1.blocked + &1.detached == 0)) end)
      for pid <- Process.list(), do: :erlang.garbage_collect(pid)
      wait_until(fn -> Enum.map(all.(), &{&1.actors, &1.handles}) == begun end)
      show.(Rebeam.info().actors)
      """,
      ["[{0, 1}, {0, 1}, {0, 1}]", "true", "true", "1", "0"]
    )
  end

  @tag :slow
  test "a dedicated thread counts where its actor is" do
    everywhere(
      """
      [one, two] = units.(2)
      what = recipe.(one, {"unit_features", "Peer"}, [])
      {:ok, actor} = Rebeam.Actor.start_link(what, kind: :actor, label: "test", thread: :dedicated)
      counts = fn -> for maker <- [main, one, two], do: Native.interpreter_counts(maker).dedicated end
      show.({ask.(actor, "echo", 1), counts.(), Rebeam.info().dedicated})
      Process.exit(actor, :kill)
      wait_until(fn -> counts.() == [0, 0, 0] end)
      """,
      ["{1, [0, 1, 0], 1}"]
    )
  end

  @tag :slow
  test "many start at once; the process of one may be replaced, its interpreter stays" do
    everywhere(
      """
      makers = units.(8)
      show.(length(Enum.uniq(makers)))
      peers = for maker <- makers, do: start.(maker, "Peer", [])
      show.(for peer <- peers, do: ask.(peer, "global", nil))
      {:ok, unit} = Interpreter.start_link(3)
      {:ok, maker} = Interpreter.await(unit)
      show.(maker == Enum.at(makers, 2))
      show.(ask.(start.(maker, "Peer", []), "global", nil))
      {:ok, bad} = Interpreter.start_link(9, {"digest", "what no program packs"})
      {:error, text} = Interpreter.await(bad)
      show.(text =~ "Traceback (most recent call last)")
      show.(Interpreter.info(bad))
      show.(Interpreter.await(bad) == {:error, text})
      """,
      ["8", "[1, 1, 1, 1, 1, 1, 1, 1]", "true", "2", "true", "nil", "true"]
    )
  end
end
