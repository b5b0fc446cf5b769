defmodule Rebeam.RegistryTest do
  # Registries, and the addresses by which a process of one is found.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterpreterProgram, Program}

  @operations [
    "register None",
    "lookup [('a', {'n': 1, 'at': Point(x=1, y=2)})] []",
    "taken" <>
      String.duplicate(~s( ValueError: the key is taken in the registry "players"), 2),
    "from there [True]",
    "duplicate [('a', 0), ('b', 0), ('a', 1), ('b', -1), ('a', 2), ('b', -2)] 6 ['hall']",
    "match [('a', 0), ('b', 0)] [('a', 1), ('a', 2)]",
    "match True True False False False True",
    "dispatch 6",
    "update 15 [('a', 15)]",
    "update KeyError: 1 " <>
      ~s(ValueError: the registry "rooms" has duplicate keys: no one value belongs to a key of it),
    "keys ['alice', 1] [] ['hall']",
    "unregister 1 [('b', 0), ('b', -1), ('b', -2)]",
    "free None [('b', \"b's\")]",
    "ended [] [] 0 1",
    "free None [('a', \"a's\")]",
    ~s(ValueError: the registry "players" has unique keys, not duplicate ones),
    ~s(ValueError: the registry "rooms" has 4 partitions, not 2),
    "RuntimeError: entries of a registry are an actor's: a thread is no process 2"
  ]

  @keys [
    "None",
    "[]",
    "True",
    "[]",
    "[]",
    "True True",
    "TypeError: unhashable type: 'list'",
    "TypeError: unhashable type: 'list'",
    "TypeError: unhashable type: 'dict'",
    "TypeError: unhashable type: 'list'",
    "TypeError: cannot pickle '_thread.lock' object"
  ]

  test "operations" do
    assert Program.lines!("registry/operations.py", args: ["shared"]) == @operations
  end

  test "keys are one where Python says so, and arrive as they were" do
    assert Program.lines!("registry/keys.py", args: ["shared"]) == @keys
  end

  @tag :slow
  test "addresses are targets of all that takes one, and names" do
    assert Program.out!("registry/addresses.py", args: ["shared"]) |> quiet() == addresses()
  end

  @tag :slow
  test "owners in process units" do
    assert Program.lines!("registry/operations.py", args: ["process"]) == @operations
    assert Program.lines!("registry/keys.py", args: ["process"]) == @keys
    assert Program.out!("registry/addresses.py", args: ["process"]) |> quiet() == addresses()
  end

  @tag :slow
  @tag skip: InterpreterProgram.lacks_units()
  test "owners in interpreter units" do
    for python <- InterpreterProgram.pythons() do
      options = [args: ["interpreter"], options: ["--python", python.executable]]
      assert Program.lines!("registry/operations.py", options) == @operations
      assert Program.lines!("registry/keys.py", options) == @keys
      assert Program.out!("registry/addresses.py", options) |> quiet() == addresses()
    end
  end

  defp quiet(lines), do: Enum.filter(lines, &(&1 in addresses()))

  defp addresses do
    each = fn target, nobody ->
      [
        target,
        "True True",
        "call_many True",
        "cast True False True",
        "send True False True False",
        "gen_call ok (Atom('error'), Atom('not_a_rebeam_call')) True False",
        "seen [1, 2, 3]",
        "exit True False",
        "ValueError: link: no process is registered as #{nobody}",
        "True",
        "['Down noproc', 'Down over', 'Exit over']",
        "restarted True",
        "(<Status.DOWN: 'down'>, 'noproc') False 0"
      ]
    end

    team = "Via(Registry('players', keys='unique', partitions=2), ('team', 1))"

    each.(team <> " True False", ~s(players["nobody"])) ++
      each.("Via('players', 'alice') True False", "no such registry[1]") ++
      each.("GlobalName('alice') True True", "nobody") ++ ["['supervisor'] []"]
  end

  # ---- who uses them, and what is lost ------------------------------------------------------------

  @everywhere [
    ~s(ValueError: the key is taken in the registry "players"),
    "body the body's error",
    "asynchronous (<Status.OK: 'ok'>, (20, 1))",
    "sort key ['no', 'actor']",
    "machine 2 2",
    "function value",
    "task True",
    "thread True RuntimeError: entries of a registry are an actor's: a thread is no process",
    "thread True RuntimeError: register() is for actors: a thread is no process",
    "thread RuntimeError: register() is for actors: a thread is no process " <>
      "RuntimeError: unregister() is for actors: a thread is no process",
    "large [1000000]",
    "race 1 1",
    "race 1 1",
    "lookups True",
    "stop 1"
  ]

  @tag :slow
  test "actors, state machines, functions, tasks, threads, the script's body" do
    assert Program.lines!("registry/everywhere.py", args: ["shared"]) == @everywhere
  end

  @tag :slow
  test "the same where actors are in units" do
    assert Program.lines!("registry/everywhere.py", args: ["process"]) == @everywhere

    for python <- InterpreterProgram.pythons() do
      options = [args: ["interpreter"], options: ["--python", python.executable]]
      assert Program.lines!("registry/everywhere.py", options) == @everywhere
    end
  end

  @tag :slow
  test "a key that goes from one process to another is never taken for the first one's" do
    program = "registry/key_that_goes_from_one_process_to_another.py"

    for isolation <- ["shared", "process"],
        do: assert(Program.lines!(program, args: [isolation]) == ["ok []"])
  end

  @tag :slow
  test "what a unit had goes with it; one that is stopped holds up nobody" do
    assert Program.out!("registry/losses.py", options: ["--workers", "2"]) == [
             "[1, 5] 12 [0, 1, 2, 3, 4, 5]",
             "[0, 1, 2, 3, 4, 5] 12 6",
             "[True, False, True, True, True, False]",
             "[0, 1, 2, 3, 4, 5]",
             "[0, 1, 2, 3, 4, 5]",
             "True",
             "True 6 6",
             "True",
             "True True",
             "True",
             "1"
           ]
  end

  test "entries outlive the processes that know them" do
    program = "registry/server_ends.py"

    assert Program.lines!(program, options: ~w(--log-level none)) == [
             "True",
             "[('ann', 3), ('bob', 3)] 4",
             "['ann', 'bob'] (<Status.OK: 'ok'>, 'ann')",
             "ann True"
           ]
  end

  # ---- the amount ----------------------------------------------------------------------------------

  for {tag, population, seconds} <- [{:slow, 200, 2}, {:large, 10_000, 60}] do
    @tag tag
    @tag timeout: 3_600_000
    test "#{population} processes register, die and are looked up at random for #{seconds} s: " <>
           "no stale name, all free again" do
      churn(unquote(population), unquote(seconds))
    end
  end

  defp churn(population, seconds) do
    placements =
      for python <- InterpreterProgram.pythons(),
          do: {"interpreter", ["--python", python.executable]}

    for {isolation, options} <- [{"shared", []}, {"process", []} | placements] do
      result =
        Program.run("registry/churn.py",
          args: [isolation, "#{population}", "#{seconds}"],
          options: options,
          limit: 600
        )

      assert result.status == 0, result.err
      if population > 1000, do: IO.puts(result.err)

      full =
        "[#{population}, #{population}, #{population}, #{population}, #{div(population + 99, 100)}]"

      assert String.split(result.out, "\n", trim: true) ==
               [full, "wrong []", "[0, 0, 0, 0, 0] [] [] [] []"]
    end
  end

  @tag :slow
  test "the example of the guide" do
    guide = File.read!("priv/guides/names.md")
    [_, program] = Regex.run(~r/```python\n(.*?)```/s, guide)
    lines = Program.lines!(program)

    assert lines == [
             "(<Status.OK: 'ok'>, 3)",
             "['ann', 'bob']",
             "(<Status.OK: 'ok'>, 1) 2 ['hall']"
           ]

    for line <- lines, do: assert(guide =~ line)
  end

  # ---- other programs, Elixir ----------------------------------------------------------------------

  @tag :slow
  test "another program's registries, and names of the cluster" do
    options = ["--sname", "rebeam-here-#{System.pid()}"]
    result = Program.run("registry/two_programs.py", via: :mix, options: options)
    assert result.status == 0, result.err

    gone = ~s(ConnectionError: the registry "players" is on NODE: no connection)
    down = "(<Status.DOWN: 'down'>, 'noproc')"

    assert String.split(result.out, "\n", trim: true) == [
             "#{gone} #{down}",
             "shared True",
             "[True] [] ['shared']",
             "True",
             "process True",
             "[True] [] ['process']",
             "True",
             "True",
             "['other', 'process', 'shared'] True",
             "[] 2",
             "#{gone} #{down} #{down}"
           ]
  end

  @tag :slow
  test "Elixir and Python read and write the same" do
    python = """
    from rebeam import *

    players = Registry("players")

    class Player(GenPy):
        name = "python"
        @start()
        def begin(self):
            players.register(("team", 1), {"n": 1})
        @receive("lookup")
        def look(self, message):
            return players.lookup(message)
        @receive("keys")
        def keys(self):
            return sorted(map(repr, players.keys()))
        @receive("ask")
        def ask(self, message):
            return gen_call(Via("players", message), 1)[1]

    Supervisor([Player()])
    """

    elixir = """
    alias Rebeam.Registry, as: R
    [{pid, value}] = wait_until(fn -> with([] <- R.lookup("players", {"team", 1.0}), do: nil) end)
    show.({pid == Rebeam.whereis("python"), value})
    show.(R.match("players", {"team", 1}, %{"n" => :"$1"}, [{:>, :"$1", 0}]) == [{pid, %{"n" => 1}}])
    show.(R.match("players", {"team", 1}, %{"n" => 2}))
    show.({R.keys("players"), R.keys("players", pid), R.keys("players", self()), R.count("players")})
    show.(R.register("players", {"team", 1}, 0) == {:error, {:already_registered, pid}})
    show.(R.update_value("players", {"team", 1}, & &1))
    for {key, value} <- [{:ok, 1}, {true, [1]}, {2.5, nil}, {%Rebeam.Bytes{data: "x"}, "x"}],
        do: :ok = R.register("players", key, value)
    show.(Rebeam.call("python", "lookup", 1) == {:ok, [{self(), [1]}]})
    show.(Rebeam.call("python", "keys", nil))
    show.(R.update_value("players", 1, & [2 | &1]))
    show.(Rebeam.call({:via, R, {"players", {"team", 1}}}, "keys", nil) == Rebeam.call(pid, "keys", nil))
    server = spawn(fn ->
      {:ok, _} = GenServer.start(Rebeam.RegistryTest.Echo, nil, name: {:via, R, {"players", "echo"}})
      Process.sleep(:infinity)
    end)
    wait_until(fn -> R.lookup("players", "echo") != [] end)
    show.(Rebeam.call("python", "ask", "echo"))
    show.(R.dispatch("players", "echo", &show.(length(&1))))
    _ = server
    show.(R.unregister("players", :ok))
    R.new("rooms", keys: :duplicate, partitions: 2)
    for n <- 1..3, do: R.register("rooms", "hall", n)
    show.(for {_, n} <- R.lookup("rooms", "hall"), do: n)
    show.(Supervisor.start_link([{R, name: "rooms", keys: :duplicate}], strategy: :one_for_one) |> elem(0))
    for fun <- [
          fn -> R.new("rooms") end,
          fn -> R.lookup("players", [1]) end,
          fn -> R.lookup({"players", :"no@where"}, 1) end
        ] do
      try do
        show.(fun.())
      rescue
        error -> IO.puts(Exception.message(error))
      end
    end
    """

    echo = """
    defmodule Rebeam.RegistryTest.Echo do
      use GenServer
      def init(nil), do: {:ok, nil}
      def handle_call(request, _from, state), do: {:reply, {:echo, request}, state}
    end
    """

    assert InElixir.lines!(python, elixir, echo) == [
             ~s({true, %{"n" => 1}}),
             "true",
             "[]",
             ~s({[{"team", 1}], [{"team", 1}], [], 1}),
             "true",
             ":error",
             "true",
             ~S|{:ok, ["('team', 1)", "2.5", "Atom('ok')", "True", "b'x'"]}|,
             "{[2, 1], [1]}",
             "true",
             "{:ok, {:echo, 1}}",
             "1",
             ":ok",
             ":ok",
             "[1, 2, 3]",
             ":ok",
             ~s(the registry "rooms" has duplicate keys, not unique ones),
             "a key is a number, a text, nil, an atom, a date or time, a pid, a reference, " <>
               "Rebeam.Bytes, or a tuple or MapSet of these, not [1]",
             ~s(the registry "players" is on no@where: no connection)
           ]
  end
end
