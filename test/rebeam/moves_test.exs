defmodule Rebeam.MovesTest do
  # move(): an actor goes on, on another node.
  use ExUnit.Case, async: true

  import ExUnit.CaptureIO
  import Rebeam.Waiting

  alias Rebeam.CLI.Drain
  alias Rebeam.{InElixir, InterpreterProgram, Program, Running}

  @moduletag :slow

  @lines [
    "-- state, names, and back",
    "True True",
    "5 [Item(name='a', count=0)] [1, 2] ['start']",
    "True True",
    "6 7 8",
    "True True",
    "9 10 11 12 13 14 15 16 17",
    "True False",
    "True",
    "True",
    "-- those that it knows, and that know it",
    "['Down', 'Exit', 'alarm', 'start']",
    "down",
    "[('Down', 'ValueError: asked for')]",
    "True ['start']",
    "-- what stays",
    "ValueError: nobody@127.0.0.1 is no node that is connected",
    "LookupError: noproc: no such process",
    "RuntimeError: cannot move PID: it is a supervisor: move its children",
    "self.guard cannot be packed: cannot pickle '_thread.lock' object",
    "(<Status.OK: 'ok'>, 8)",
    "True (<Status.OK: 'ok'>, 9)",
    "-- it is told to end, and nodes are killed",
    "None None",
    "3 shutdown True",
    "3",
    "the node of its supervisor is gone"
  ]

  @machine [
    "locked 1",
    "locked [] True",
    "pushed 2 True",
    "['coin', 'push', 'push']",
    "timed out True",
    "(<Status.OK: 'ok'>, 'locked')"
  ]

  defp lines(program, isolation, options \\ []) do
    options = [args: [isolation], limit: 280] ++ options

    for line <- Program.out!("moves/moves_test/#{program}.py", options),
        do: String.replace(line, ~r/<\d+\.\d+\.\d+>/, "PID")
  end

  for isolation <- ["shared", "process"] do
    test "it goes on as it was, and all that know it still do (#{isolation})" do
      assert lines("moving", unquote(isolation)) == @lines
    end

    test "a state machine takes its state, timeouts and postponed events along (#{isolation})" do
      assert lines("machine", unquote(isolation)) == @machine
    end
  end

  @tag skip: InterpreterProgram.lacks_units()
  test "the same in interpreter units" do
    for python <- InterpreterProgram.pythons() do
      options = [options: ["--python", python.executable]]
      assert lines("moving", "interpreter", options) == @lines
      assert lines("machine", "interpreter", options) == @machine
    end
  end

  for {isolation, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks
    test "100 times under calls, of which none is lost, in order (#{isolation})" do
      ours =
        if unquote(isolation) == "interpreter",
          do: ["--python", hd(InterpreterProgram.pythons()).executable],
          else: []

      result =
        Program.run("moves/moves_test/load.py",
          args: [unquote(isolation), "100", "2"],
          options: ours,
          limit: 280
        )

      assert %{status: 0, out: "done 100\n"} = result
      assert result.err =~ ~r"^\d+ calls/s, longest pause [\d.]+ ms, move [\d.]+ ms median"
    end
  end

  test "a node is emptied, and its actors outlive it" do
    program = Running.start("moves/moves_test/draining.py", until: ~r/^drain \d+/)
    "drain " <> pid = program.first

    # As something stays, it is not stopped.
    assert %{status: 1} = result = Program.run({:words, ["drain", pid, "--stop"]}, own: true)
    moved = Regex.scan(~r/^(\d+) actors? moved to n\d@127.0.0.1$/m, result.out)
    assert Enum.sum(for [_, count] <- moved, do: String.to_integer(count)) == 4

    assert Regex.replace(~r/<[\d.]+>/, result.err, "PID") |> String.split("\n", trim: true) == [
             "rebeam: function stays: it is a function, whose code runs where it began",
             "rebeam: held stays: cannot move PID: self.lock cannot be packed: " <>
               "cannot pickle '_thread.lock' object"
           ]

    assert Running.ask(program, "") ==
             "[1, 2, 3] RuntimeError: this node is being emptied: nothing new starts here"

    assert Running.ask(program, "") == "[1, 2, 3] True 2 True"
    assert Running.ask(program, "") == "down 3 ['start', 'start']"
  end

  # ---- two programs, which evaluate what they are told ------------------------------------------------

  defp name, do: "m#{System.unique_integer([:positive])}-#{System.pid()}@127.0.0.1"

  # Each in a folder of its own; the second one is connected to the first one.
  defp pair(options \\ [], files \\ %{}) do
    cookie = Path.join(Program.folder(%{"cookie" => "of this test"}), "cookie")
    File.chmod!(cookie, 0o600)
    [one, two] = [name(), name()]
    options = ["--cookie-file", cookie, "--workers", "1"] ++ options
    first = driven(["--name", one | options], %{})
    second = driven(["--name", two, "--connect", one | options], files)
    {Map.put(first, :name, one), Map.put(second, :name, two)}
  end

  defp driven(options, files) do
    folder = Program.folder(Map.put(files, "main.py", "moves/moves_test/driven_mover.py"))
    python = if "--python" in options, do: [], else: ["--python", Program.python().executable]
    words = python ++ options ++ [Path.join(folder, "main.py")]
    words |> Running.word(until: ~r/^ready$/) |> Map.from_struct() |> Map.put(:folder, folder)
  end

  defp ask(program, text), do: Running.ask(program, text)

  defp begin(program, arguments),
    do: assert(ask(program, "begin(#{arguments})") == "True")

  defp drain(words) do
    %{status: status, out: out, err: err} = Program.run({:words, ["drain" | words]}, own: true)
    {status, out, err}
  end

  # ---- commands --------------------------------------------------------------------------------------

  test "emptying is taken back, and done again with a stop" do
    {a, b} = pair()
    begin(a, "'Plain', name=GlobalName('plain')")
    assert ask(a, "ask(GlobalName('plain'), 'add', 2)") == "(2, 'old', [])"
    assert drain([a.name]) == {0, "1 actor moved to #{b.name}\n", ""}
    assert ask(a, "begin('Plain2')") =~ "RuntimeError: this node is being emptied"
    assert drain([a.name, "--undo"]) == {0, "", ""}
    begin(a, "'Plain2', isolation='process', name=GlobalName('second')")
    assert ask(a, "ask(GlobalName('second'), 'add', 3)") == "(3, 'old', [])"

    assert drain(["#{a.pid}", "--stop"]) ==
             {0, "1 actor moved to #{b.name}\nended with status 143\n", ""}

    assert {143, _} = Running.ended(a)

    for {name, n} <- [{"plain", 2}, {"second", 3}] do
      wait_until(fn ->
        ask(b, "call(GlobalName('#{name}'), 'add', 0)") ==
          "(<Status.OK: 'ok'>, (#{n}, 'old', []))"
      end)
    end

    assert {143, _} = Running.stop(b)
  end

  test "what is wrong with its words is said" do
    assert capture_io(:stderr, fn -> assert Drain.run(["--stop", "--undo"]) == 2 end) ==
             "rebeam: drain takes a NODE or the id of a process, and --stop or --undo\n"
  end

  # ---- what is its program's -------------------------------------------------------------------------

  test "its keys in registries are taken along; tables that no file has keep a node from its stop" do
    {a, b} = pair()
    for each <- [a, b], do: begin(each, "'Keeper'")
    own = fn program, text -> ask(program, "ask('Keeper', 'do', #{inspect(text)})") end
    assert own.(b, "Registry('players').register('eve', 0)") == "'None'"

    for text <- [
          "Registry('players').register('ann', {'n': 1})",
          "Registry('players').register('eve', 1)",
          "Registry('seats', keys='duplicate').register(('front', 1), 'left')",
          "Registry('seats', keys='duplicate').register(('front', 1), 'right')",
          "Table('cache').put('x', 1)",
          "Table('kept', file=#{inspect(Path.join(a.folder, "kept.table"))}).put('y', 2)"
        ],
        do: assert(own.(a, text) == "'None'")

    assert drain([a.name, "--stop"]) ==
             {1, "1 actor moved to #{b.name}\n",
              "rebeam: the table cache stays: its rows (1) are in this program alone\n"}

    assert ask(a, "Table('cache').get('x')") == "1"
    ask(a, "Table('cache').drop()")
    assert drain([a.name, "--stop"]) == {0, "ended with status 143\n", ""}
    assert {143, _} = Running.ended(a)

    Running.line(b, ~r/did not get a key of the registry "players": #PID<.*> has the key/)
    values = fn registry, key -> "sorted(str(v) for _, v in #{registry}.lookup(#{key}))" end
    there = values.("Registry('seats', keys='duplicate')", "('front', 1)")
    wait_until(fn -> ask(b, there) == "['left', 'right']" end)
    assert ask(b, values.("Registry('players')", "'ann'")) == ~s(["{'n': 1}"])
    assert ask(b, values.("Registry('players')", "'eve'")) == "['0']"
    assert {143, _} = Running.stop(b)
  end

  # ---- and its code ----------------------------------------------------------------------------------

  for {isolation, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks
    test "where its module reads otherwise it becomes what it is there, or stays (#{isolation})" do
      {a, b} = pair(python(unquote(isolation)), %{"counted_state.py" => anew()})
      add = &ask(a, "ask('#{&1}', 'add', #{&2})")
      move = &ask(a, "move('#{&1}', '#{&2.name}').node")

      for each <- ~w(Plain Counter Undeclared) do
        begin(a, "'#{each}', isolation='#{unquote(isolation)}'")
        assert add.(each, 5) == "(5, 'old', [])"
      end

      refute move.("Counter", b) =~ "Error"
      assert add.("Counter", 1) == "(501, 'new', [1])"

      assert move.("Counter", a) =~
               "Counter is of version 2, and there of 1, which cannot take it"

      assert add.("Counter", 1) == "(502, 'new', [1])"

      refute move.("Plain", b) =~ "Error"
      assert add.("Plain", 1) == "(6, 'new', [])"
      refute move.("Plain", a) =~ "Error"
      assert add.("Plain", 1) == "(7, 'old', [])"

      assert move.("Undeclared", b) =~ "RuntimeError: cannot move"
      assert move.("Undeclared", b) =~ "the module of Undeclared reads otherwise there"
      assert add.("Undeclared", 1) == "(6, 'old', [])"

      File.write!(Path.join(a.folder, "counted_state.py"), Program.source(anew()))
      assert ask(a, "reload('counted_state').refused") == "()"
      refute move.("Counter", a) =~ "Error"
      assert add.("Counter", 1) == "(503, 'new', [1])"
      refute move.("Undeclared", b) =~ "Error"
      assert add.("Undeclared", 1) == "(601, 'new', [1])"
      for each <- [b, a], do: assert({143, _} = Running.stop(each))
    end

    @tag skip: lacks
    test "moved while its module is loaded again on both nodes (#{isolation})" do
      result =
        Program.run("moves/moves_test/reloads.py",
          args: [unquote(isolation), "10", "2"],
          options: python(unquote(isolation)),
          limit: 280
        )

      assert %{status: 0, out: "done 10\n"} = result
      assert result.err =~ ~r"^\d+ moves, \d+ refused, [1-9]\d* calls$"m
    end
  end

  defp anew, do: "moves/moves_test/counted_anew.py"

  defp python("interpreter"), do: ["--python", hd(InterpreterProgram.pythons()).executable]
  defp python(_), do: []

  # ---- from Elixir -----------------------------------------------------------------------------------

  test "Rebeam.move/2 does the same for Elixir code" do
    program = """
    from rebeam import GenPy, Supervisor, child, receive
    class Cart(GenPy):
        def __init__(self): self.items = []
        @receive("add")
        def add(self, message):
            self.items.append(message)
            return list(self.items)
    if __name__ == "__main__":
        Supervisor([child(Cart(), name="cart"), child(Cart(), name="unit", isolation="process")])
    """

    code = ~S"""
    wait_until(fn -> Rebeam.FarNode.whereis(far, "unit") end)
    wait_until(fn -> Rebeam.whereis("unit") end)
    for name <- ["cart", "unit"] do
      before = Rebeam.whereis(name)
      {:ok, ["a"]} = Rebeam.call(name, "add", "a")
      {:ok, there} = Rebeam.move(name, far)
      show.({there != before, Rebeam.whereis(name) == before, Rebeam.call(name, "add", "b")})
      show.({Rebeam.call(there, "add", "c"), Rebeam.move(before, far) == {:ok, there}})
      {:ok, back} = Rebeam.move(there, node())
      show.({back != there, Rebeam.call(before, "add", "d")})
    end
    show.(Rebeam.move("nobody", far))
    show.(Rebeam.move("cart", :"nobody@127.0.0.1"))
    {:error, text} = Rebeam.move(self(), far)
    IO.puts(String.replace(text, ~r/<[\d.]+>/, "PID"))
    """

    lines =
      for moved <- [~s({true, true, {:ok, ["a", "b"]}})],
          _name <- ["cart", "unit"],
          line <- [
            moved,
            ~s({{:ok, ["a", "b", "c"]}, true}),
            ~s({true, {:ok, ["a", "b", "c", "d"]}})
          ],
          do: line

    assert InElixir.lines_of_two!(program, code) ==
             lines ++
               [
                 ~s({:error, "noproc: no such process"}),
                 ~s({:error, "nobody@127.0.0.1 is no node that is connected"}),
                 "cannot move PID: it is no actor of Python's"
               ]
  end
end
