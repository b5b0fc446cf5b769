defmodule Rebeam.Log.TrailTest do
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  defp trails(isolation, python, options \\ []) do
    result =
      Program.run("log/trail/trail.py",
        args: [isolation],
        options: ["--python", python.executable],
        env: options
      )

    assert {result.status, result.out} == {0, ""}, result.err
    for [_, trail] <- Regex.scan(~r/^  trail: (.*)$/m, result.err), do: trail
  end

  @front "main.py -> front \"request\" -> orders \"order\" -> stock \"take\" -> shelf \"look\""
  @async "main.py -> front \"async\" -> orders \"order\" -> stock \"take\" -> shelf \"look\""
  @many "main.py -> front \"many\" -> orders \"order\" -> stock \"take\" -> shelf \"look\""
  @far "main.py -> front \"far\" -> orders \"order\" -> stock \"take\" -> shelf \"look\""
  # The farthest steps are left out.
  @ring Enum.map_join(1..8, "", fn _ -> "front \"ring\" -> " end) <> "stock \"fail\""
  @all [@front, @async, @many, @far, @ring]
  @door "main.py -> front \"request\" -> orders \"order\" -> door \"slam\""

  @tag :slow
  test "a trail goes on over casts, and into state machines" do
    assert trails("shared", Program.python()) == @all ++ [@door]
  end

  @tag :slow
  test "the same where messages go through processes" do
    assert trails("shared", Program.python(), [{"REBEAM_DIRECT", "no"}]) ==
             @all ++ [@door]
  end

  @tag :slow
  test "it goes on in other OS processes and interpreters" do
    assert trails("process", Program.python()) == @all

    for python <- InterpreterProgram.pythons(),
        do: assert(trails("interpreter", python) == @all)
  end
end
