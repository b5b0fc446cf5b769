defmodule Rebeam.Trees.OnceTest do
  # child(..., once="cluster"): one in the cluster, wherever.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @moduletag :slow

  @lines [
    "(1, True) [2, 3, 4] 1",
    "['standing by', 'standing by']",
    "['job'] ['done']",
    "-- its node is killed",
    "(1, True) True 1",
    "-- its node is split off",
    "True down 1",
    "[' no majority of the cluster is here (1 of 3 nodes)']",
    "1 3",
    "-- it crashes, and more come",
    "down",
    "True stop ValueError: asked for [True, True, True]",
    "['running', 'standing by', 'standing by']"
  ]

  defp lines(isolation, options \\ []) do
    folder =
      Program.folder(%{
        "main.py" => "trees/once/once.py",
        "once_program.py" => "trees/once/once_program.py"
      })

    options = [args: [isolation], cd: folder, limit: 240] ++ options
    Program.out!(Path.join(folder, "main.py"), options)
  end

  for isolation <- ["shared", "process"] do
    test "one runs, and elsewhere when its node ends or is split off (#{isolation})" do
      assert lines(unquote(isolation)) == @lines
    end
  end

  @tag skip: InterpreterProgram.lacks_units()
  test "the same in interpreter units" do
    for python <- InterpreterProgram.pythons(),
        do: assert(lines("interpreter", options: ["--python", python.executable]) == @lines)
  end

  test "what it is for is said" do
    assert Program.out!("""
           from rebeam import *
           def f(): pass
           def attempt(*args, **named):
               try: return child(*args, once="cluster", **named)
               except Exception as error: print(f"{type(error).__name__}: {error}")
           attempt(Supervisor([child(f, significant=True)]))
           attempt(f, name=GlobalName("x", split="both"))
           try: child(f, once="node")
           except ValueError as error: print(error)
           print(GlobalName("x", split="both"), GlobalName("x") == GlobalName("x"))
           try: GlobalName("x", split="none")
           except ValueError as error: print(error)
           try: register("x", split="both")
           except ValueError as error: print(error)
           with Supervisor([child(f, once="cluster", id="f")]) as sup:
               from rebeam.testing import wait_until
               wait_until(lambda: which_children(sup)[0].state == "stopped")
           """) == [
             "TypeError: once is for actors and functions: give it to a supervisor's children",
             "ValueError: a child with once='cluster' belongs to the majority, not to split='both'",
             "once must be 'cluster' or None, not 'node'",
             "GlobalName('x', 'both') True",
             "split must be 'majority', 'both' or 'keep-old', not 'none'",
             "split is for names in the cluster, not for scope='local'"
           ]
  end
end
