defmodule Rebeam.Trees.StormTest do
  # Random crashes over a nested tree, under load: all come back, and every caller hears.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "1,000 crashes over 45 actors", do: storm(1_000, 3, 3, 5)

  @tag :large
  @tag timeout: 600_000
  test "10,000 crashes over 500 actors", do: storm(10_000, 5, 5, 20)

  defp storm(crashes, tops, leaves, actors) do
    folder = Program.path("storm")
    arguments = [Path.join(folder, "main.py"), crashes, tops, leaves, actors, 8]

    code = """
    System.argv(#{inspect(Enum.map(arguments, &to_string/1))})
    Code.require_file(#{inspect(Path.join(folder, "storm.exs"))})
    """

    result = Program.elixir(code, limit: 500)
    assert %{status: 0, err: ""} = result
    IO.puts("\nstorm of #{crashes}:\n" <> result.out)

    found =
      result.out |> String.split("\n", trim: true) |> Enum.map(&String.split(&1, " ", parts: 2))

    assert ["crashes", "true"] in found
    for word <- ~w(ways fresh siblings names native settled), do: assert([word, "true"] in found)
    assert ["orphans", "false"] in found
    # Nobody waited in vain, and nobody got another's answer.
    statuses =
      for [who, rest] <- found, who in ~w(elixir python), do: {who, hd(String.split(rest))}

    assert Enum.sort(statuses -- [{"python", "down"}, {"elixir", "down"}]) == [
             {"elixir", "ok"},
             {"python", "ok"}
           ]

    assert length(statuses) == 4
  end
end
