defmodule Rebeam.Program.Crash.ScriptsTest do
  # Several independent scripts in one VM: modules of the same names in their folders, their
  # arguments, supervisors, crashes, restarts and ends. Their `__main__` and what they send each
  # other is in test/rebeam/program/script_test.exs.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @prelude """
  Application.put_env(:rebeam, :python, System.fetch_env!("PYTHON_UNDER_TEST"))
  {:ok, _} = Application.ensure_all_started(:rebeam)
  Process.flag(:trap_exit, true)
  start = fn script, options ->
    {:ok, pid} = Rebeam.start_link([script: script] ++ options)
    pid
  end
  show = &IO.inspect(&1, limit: :infinity, width: 100_000)
  """

  defp lines(files, code) do
    result = Program.elixir(@prelude <> code, cd: Program.folder(files))
    assert %{status: 0} = result, result.out <> result.err
    String.split(result.out, "\n", trim: true)
  end

  # Two programs by different people: the same names everywhere, but for the actor's.
  defp program(own) do
    %{
      "#{own}/main.py" => "program/crash/scripts/main_of_program.py",
      "#{own}/util.py" => "program/crash/scripts/util_of_program.py",
      "#{own}/late.py" => "NAME = 'late of #{own}'\n",
      "#{own}/late_shared.py" => "NAME = 'shared of #{own}'\n",
      "#{own}/package/__init__.py" => "from . import inner\nfrom .inner import NAME\n",
      "#{own}/package/inner.py" => "import util\nNAME = 'inner of #{own}'\n"
    }
  end

  defp two, do: Map.merge(program("first"), program("second"))

  defp seen(own) do
    inspect(
      {:ok,
       [
         "util of #{own}",
         "inner of #{own}",
         true,
         {"shared of #{own}", "inner of #{own}"},
         "late of #{own}",
         true,
         true,
         true
       ]},
      width: 100_000
    )
  end

  @tag :slow
  test "modules of the same name are each script's own, whenever they are imported" do
    code = """
    for own <- ~w(first second), do: start.(own <> "/main.py", args: [own, "x"])
    for own <- ~w(first second first), do: show.(Rebeam.call(own, "names", nil))
    for own <- ~w(first second), do: show.(Rebeam.call(own, "argv", nil))
    # Suspended in them, with each other's answers.
    show.(Rebeam.call("first", "ask", "second"))
    show.(Rebeam.call("second", "ask", "first"))
    # Their classes, though of the same name, are two, and travel.
    {:ok, first} = Rebeam.call("first", "point", 1)
    {:ok, second} = Rebeam.call("second", "point", 2)
    for own <- ~w(first second), point <- [first, second], do: show.(Rebeam.call(own, "norm", point))
    """

    assert lines(two(), code) == [
             seen("first"),
             seen("second"),
             seen("first"),
             ~s({:ok, ["first", "x"]}),
             ~s({:ok, ["second", "x"]}),
             ~s({:ok, {"util of first", "util of second"}}),
             ~s({:ok, {"util of second", "util of first"}}),
             ~s({:ok, [true, ["first", 1]]}),
             ~s({:ok, [false, ["second", 2]]}),
             ~s({:ok, [false, ["first", 1]]}),
             ~s({:ok, [true, ["second", 2]]})
           ]
  end

  @tag :slow
  test "started at once, killed, crashed, restarted, ended: each alone" do
    code = """
    Logger.configure(level: :none)
    children = for own <- ~w(first second), do:
      %{id: own, start: {Rebeam, :start_link, [[script: own <> "/main.py", args: [own]]]}, type: :supervisor}
    # Both are asked to start at the same time, by two supervisors.
    trees = children |> Enum.map(fn child -> Task.async(fn ->
      {:ok, tree} = Supervisor.start_link([child], strategy: :one_for_one, max_restarts: 100)
      Process.unlink(tree)
      tree
    end) end) |> Task.await_many(30_000)
    alive = fn own -> wait_until(fn -> match?({:ok, _}, Rebeam.call(own, "names", nil)) end) end
    for turn <- 1..5, own <- ~w(first second) do
      other = if own == "first", do: "second", else: "first"
      before = Rebeam.whereis(other)
      # An actor crashes, the whole script is killed and starts again.
      Rebeam.call(own, "crash", nil)
      alive.(own)
      tree = Enum.at(trees, if(own == "first", do: 0, else: 1))
      [{_, script, _, _}] = Supervisor.which_children(tree)
      old = Rebeam.whereis(own)
      if rem(turn, 2) == 0, do: Process.exit(script, :kill), else: GenServer.stop(script)
      wait_until(fn -> Rebeam.whereis(own) not in [nil, old] end)
      alive.(own)
      ^before = Rebeam.whereis(other)
    end
    for own <- ~w(first second), do: show.(Rebeam.call(own, "names", nil))
    for own <- ~w(first second), do: show.(Rebeam.call(own, "argv", nil))
    Supervisor.stop(hd(trees))
    show.({Rebeam.whereis("first"), Rebeam.call("second", "names", nil) |> elem(0)})
    """

    assert lines(two(), code) == [
             seen("first"),
             seen("second"),
             ~s({:ok, ["first"]}),
             ~s({:ok, ["second"]}),
             "{nil, :ok}"
           ]
  end

  @tag :slow
  test "actors that Elixir names by module and folder" do
    actors = fn own ->
      "from rebeam import GenPy, receive\nimport helper\n" <>
        "class A(GenPy):\n    @receive('own')\n    def own(self):\n        return [#{inspect(own)}, helper.NAME]\n"
    end

    files =
      for own <- ~w(a b), into: %{"c/helper.py" => "NAME = 'c'\n"} do
        {"#{own}/actors.py", actors.(own)}
      end
      |> Map.merge(%{"a/helper.py" => "NAME = 'a'\n", "b/helper.py" => "NAME = 'b'\n"})

    code = """
    for own <- ~w(a b a b) do
      {:ok, pid} = Rebeam.GenPy.start_link({"actors", "A"}, path: own)
      show.(Rebeam.call(pid, "own", nil))
    end
    """

    assert lines(files, code) == [
             ~s({:ok, ["a", "a"]}),
             ~s({:ok, ["b", "b"]}),
             ~s({:ok, ["a", "a"]}),
             ~s({:ok, ["b", "b"]})
           ]
  end

  @tag :slow
  test "a module that only one of them has is found by that one, and an error is told as ever" do
    files = %{
      "a/main.py" =>
        "import only\nfrom rebeam import *\nclass A(GenPy):\n    name = 'a'\n" <>
          "    @receive('x')\n    def x(self):\n        return only.NAME\nSupervisor([A])\n",
      "a/only.py" => "NAME = 'only a'\n",
      "a/same.py" => "",
      "b/main.py" => "import same\nimport nowhere\n",
      "b/same.py" => "",
      "c/main.py" => "import same\n1 / 0\n",
      "c/same.py" => "x = 1\nraise KeyError('in same')\n"
    }

    code = """
    Logger.configure(level: :none)
    start.("a/main.py", [])
    show.(Rebeam.call("a", "x", nil))
    for script <- ~w(b/main.py c/main.py c/main.py) do
      {:error, {error, []}} = Rebeam.start_link(script: script)
      show.({error.type, error.message})
    end
    show.(Rebeam.call("a", "x", nil))
    """

    assert lines(files, code) == [
             ~s({:ok, "only a"}),
             ~s({"ModuleNotFoundError", "No module named 'nowhere'"}),
             ~s({"KeyError", "'in same'"}),
             ~s({"KeyError", "'in same'"}),
             ~s({:ok, "only a"})
           ]
  end

  @tag :slow
  test "children by the paths of scripts of the same name" do
    worker = fn own ->
      "from rebeam import *\nclass W(GenPy):\n    def __init__(self):\n        self.name = '#{own}'\n" <>
        "    @receive('x')\n    def x(self, message):\n        return [#{inspect(own)}, message]\n"
    end

    files = %{
      "a/worker.py" => worker.("a"),
      "b/worker.py" => worker.("b"),
      "main.py" => """
      from rebeam import *
      Supervisor([child("a/worker.py", id="a"), child("b/worker.py", id="b")])
      """
    }

    code = """
    start.("main.py", [])
    for own <- ~w(a b), do: show.(Rebeam.call(own, "x", 1))
    """

    assert lines(files, code) == [~s({:ok, ["a", 1]}), ~s({:ok, ["b", 1]})]
  end

  @tag :slow
  test "one script alone imports as under python" do
    program = """
    import builtins, sys
    import beside
    from rebeam import *
    def main():
        print(beside.__name__, type(builtins.__import__).__name__, sorted(each for each in sys.modules if "beside" in each))
    Supervisor([child(main, restart="transient", significant=True)])
    """

    folder = Program.folder(%{"beside.py" => "", "main.py" => program})

    assert Program.lines!("main.py", cd: folder) == [
             "beside builtin_function_or_method ['beside']"
           ]
  end
end
