defmodule Rebeam.Tables.KillTest do
  # What a table with a file has after its program was ended by force: all that was acknowledged, and
  # whole what was not. REBEAM_TABLE_KILLS is how often that is tried.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @kills String.to_integer(System.get_env("REBEAM_TABLE_KILLS", "6"))
  @program "tables/kill/four_writers.py"
  @writers 0..3

  # What a run found, and what it was told of each writer.
  defp run(file, durability, seconds, size \\ 900) do
    result = Program.run(@program, args: [file, durability, "#{seconds}", "#{size}"], limit: 60)
    words = for line <- String.split(result.out, "\n", trim: true), do: String.split(line)
    {result, last(words, "has"), last(words, "done")}
  end

  # The last line may have been cut off.
  defp last(words, word) do
    for [^word, writer, count] <- words, into: %{} do
      {String.to_integer(writer), String.to_integer(count)}
    end
  end

  for durability <- ["interval", "always"] do
    @tag :slow
    @tag timeout: :infinity
    test "of #{@kills} ends by force at random moments, with #{durability}" do
      file = Path.join(Program.folder(), "killed.table")

      told =
        for kill <- 1..@kills, reduce: %{} do
          told ->
            seconds = :rand.uniform(600) / 1000
            size = if rem(kill, 2) == 0, do: 900, else: 60_000
            {result, found, done} = run(file, unquote(durability), seconds, size)
            assert %{status: "SIGKILL"} = result
            assert_found(found, told)
            Map.merge(found, done)
        end

      {result, found, _} = run(file, unquote(durability), -1)
      assert %{status: 0, err: ""} = result
      assert_found(found, told)
      assert Enum.sum(Map.values(found)) > 0
    end
  end

  # At most one write of each writer was under way.
  defp assert_found(found, told) do
    for writer <- @writers do
      acknowledged = Map.get(told, writer, 0)
      assert {writer, found[writer]} in [{writer, acknowledged}, {writer, acknowledged + 1}]
    end
  end
end
