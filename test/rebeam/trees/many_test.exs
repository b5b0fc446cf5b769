defmodule Rebeam.Trees.ManyTest do
  # Many children that start at once: all of them, or none.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  defp lines!(name, options \\ []) do
    Program.out!("trees/many/#{name}.py", [{:options, ["--log-level", "none"]} | options])
  end

  # Where their Python runs.
  defp places do
    interpreters =
      for python <- InterpreterProgram.pythons() |> Enum.take(-1),
          do: ["--python", python.executable, "--isolation", "interpreter"]

    [~w(--isolation process --workers 2) | interpreters]
  end

  @kinds [
    "14 14 True",
    "[0, 0, 1, 2, 3, 4, 5] on",
    "True True True",
    "6 0 True",
    "['Worker', 'Worker#2', 'Worker#3', 'Worker#4', 'Worker#5', 'named', 'mine', 'Machine', 'tree', " <>
      "'second', 'forever', 'named function', 'first', 'last']",
    "[0, 0, 1, 2]",
    "[] True",
    "14 14 True",
    "[0, 0, 1, 2, 3, 4, 5] on",
    "True True True",
    "6 0 True",
    "[0, 0, 1, 2]",
    "[] True"
  ]

  @none [
    "RuntimeError: items[50] (Counted) did not start, so none of 100 did: Traceback (most recent call last): / KeyError: 'no start of 50' []",
    "True True",
    "RuntimeError: items[500] (Counted) did not start, so none of 1000 did: Traceback (most recent call last): / KeyError: 'no start of 500' []",
    "True True",
    "TypeError: cannot supervise 7: give a GenPy instance or class, a function, a module, the path of a script, or a Supervisor / cannot supervise 7: give a GenPy instance or class, a function, a module, the path of a script, or a Supervisor ['this is about items[2]: none of them was started']",
    "1",
    "ZeroDivisionError: integer division or modulo by zero / integer division or modulo by zero []",
    "RuntimeError: items[1] (witness) did not start, so none of 2 did: its name is taken by PROCESS / " <>
      "items[1] (witness) did not start, so none of 2 did: its name is taken by PROCESS []",
    "RuntimeError: already_started: PROCESS has a child \"same\", and it runs / already_started: PROCESS has a child \"same\", and it runs []",
    "RuntimeError: max_children: PROCESS has 0 children, and no place for 4 more / max_children: PROCESS has 0 children, and no place for 4 more [] [0]",
    "3",
    "RuntimeError: max_children: PROCESS has 3 children, and no place for 1 more / max_children: PROCESS has 3 children, and no place for 1 more []",
    "LookupError: noproc: no supervisor \"nobody\" / noproc: no supervisor \"nobody\" []",
    "TypeError: the process PROCESS is no supervisor / the process PROCESS is no supervisor []",
    "TypeError: a supervisor must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 7 / a supervisor must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 7 []",
    "ValueError: PROCESS is dynamic: none of its children is significant / PROCESS is dynamic: none of its children is significant []",
    "[4, 0] ['dynamic', 'small', 'top', 'witness']",
    "True 5"
  ]

  @tag :slow
  test "items of all kinds, to both kinds of supervisors" do
    assert lines!("kinds") == @kinds
  end

  @tag :slow
  test "if one fails, none is there, and it is said which one and why" do
    assert lines!("none") == @none
  end

  @tag :slow
  test "one that ends while it starts, as a supervisor's whole; a sibling's crash" do
    failed = "RuntimeError items[1] (never) did not start, so none of 3 did: "
    alone = "RuntimeError "
    ended = &"it was ended while it started: #{&1}"

    expected =
      for {sup, way, text} <- [
            {"dynamic", "many", failed},
            {"dynamic", "one", alone},
            {"top", "many", failed}
          ],
          {how, reason} <- [{"kill", "killed"}, {"terminate", "shutdown"}],
          restart <- ["permanent", "temporary"],
          {sup, how, restart} != {"top", "kill", "permanent"},
          line <- ["#{sup} #{way} #{how} #{restart} #{text}#{ended.(reason)}", "True None"],
          do: line

    assert lines!("ends") ==
             expected ++
               [
                 ~s(LookupError the supervisor "brief0" ended: shutdown None),
                 ~s(LookupError the supervisor "brief1" ended: shutdown None),
                 "3 ['running', 'running', 'running', 'running']"
               ]
  end

  @tag :slow
  test "what is over leaves nothing behind" do
    assert lines!("leak") == ["baseline"]
  end

  @tag :slow
  test "the same in units" do
    for options <- places() do
      options = options ++ ["--log-level", "none"]
      assert {options, Program.out!("trees/many/kinds.py", options: options)} == {options, @kinds}
      assert {options, Program.out!("trees/many/none.py", options: options)} == {options, @none}
    end
  end
end
