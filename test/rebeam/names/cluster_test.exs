defmodule Rebeam.Names.ClusterTest do
  # Names in a cluster that is split, and whose nodes end. `test/cluster/check.py` does the same at random.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @moduletag :slow

  @majority [
    "True ValueError: the name \"name\" is taken",
    "[True, True, True] ['name']",
    "-- the holder is split off",
    "noproc",
    "RuntimeError: no majority of the cluster is here to give the name \"name\": 1 of 3 nodes",
    "True [True, True]",
    "ValueError: the name \"name\" is taken True",
    "-- its node is killed, and another one frozen",
    "True [True, True]",
    "-- it is given up",
    "[None, None, None] LookupError: this actor has no name in the cluster",
    "True ValueError: this actor has several names in the cluster, of which one is meant: " <>
      ~s("other", "third"),
    "True LookupError: this actor has not the name \"name\" in the cluster"
  ]

  @both for(
          {kind, merged} <- [
            {"Merging", "['from a', 'from b']"},
            {"Awaiting", "['from a', 'from b']"},
            {"Anything", "['from a']"}
          ],
          line <- ["#{kind} True True", "True True", "#{merged} True"],
          do: line
        ) ++ ["True", "-- keep-old", "True", "True True", "True"]

  @loser [
    "[('single', 'running'), ('sibling', 'running')] [True, True, True]",
    "[('single', 'stopped'), ('sibling', 'running')] None",
    "RuntimeError: the child \"single\" was not started " <>
      "[('single', 'stopped'), ('sibling', 'running')]",
    "ok True",
    "[('single', 'running'), ('sibling', 'running')] True"
  ]

  defp lines(name, isolation, options \\ []) do
    folder =
      Program.folder(%{
        "main.py" => "names/cluster/#{name}.py",
        "cluster_actors.py" => "names/cluster/cluster_actors.py"
      })

    options = [args: [isolation], cd: folder, limit: 240] ++ options
    Program.out!(Path.join(folder, "main.py"), options)
  end

  for isolation <- ["shared", "process"] do
    test "a majority has a name, with growing numbers, and nobody else (#{isolation})" do
      assert lines("majority", unquote(isolation)) == @majority
    end

    test "two parts have a name each and come together; one that stays where it is (#{isolation})" do
      assert lines("both", unquote(isolation)) == @both
    end

    test "a supervisor starts no child into a fight for its name (#{isolation})" do
      assert lines("loser", unquote(isolation)) == @loser
    end
  end

  test "the example of the guide" do
    guide = File.read!("priv/guides/clusters.md")
    [_, program] = Regex.run(~r/```python\n(.*?)```/s, guide)
    assert [line] = Program.lines!(program)
    assert guide =~ line
  end

  test "the checker finds what is wrong with a history" do
    folder = Program.folder(%{"main.py" => "names/cluster/faulty_histories.py"})
    File.cp!("test/cluster/history.py", Path.join(folder, "history.py"))
    assert Program.run(Path.join(folder, "main.py"), via: :python, cd: folder).out == "found\n"
  end

  @tag skip: InterpreterProgram.lacks_units()
  test "the same in interpreter units" do
    for python <- InterpreterProgram.pythons() do
      options = [options: ["--python", python.executable]]
      assert lines("majority", "interpreter", options) == @majority
      assert lines("both", "interpreter", options) == @both
      assert lines("loser", "interpreter", options) == @loser
    end
  end
end
