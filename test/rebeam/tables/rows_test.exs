defmodule Rebeam.Tables.RowsTest do
  # How many rows go into a message: some, and large ones one after the other.
  use ExUnit.Case, async: true

  alias Rebeam.Tables.{Cursor, Rows}

  defp table(type, rows, size) do
    tid = Rows.new(:public, %{type: type, read_concurrency: true})
    for number <- 1..rows, do: :ets.insert(tid, {number, [:binary.copy("x", size)], []})
    tid
  end

  defp fetched(cursor, number) do
    case Cursor.next(cursor, number) do
      {:ok, []} -> []
      {:ok, rows} -> [length(rows) | fetched(cursor, number + 1)]
    end
  end

  defp walked(tid, from) do
    {rows, more?} = Rows.walk(tid, :next, from, nil)
    {last, _, _} = List.last(rows)
    [length(rows) | if(more?, do: walked(tid, {:behind, last}), else: [])]
  end

  test "a scan" do
    assert table(:set, 2500, 10) |> Cursor.start(:set, [], self()) |> fetched(0) |> Enum.sum() ==
             2500

    large = table(:set, 10, 2_000_000) |> Cursor.start(:set, [], self()) |> fetched(0)
    assert {Enum.sum(large), Enum.max(large) <= 3} == {10, true}
    assert table(:set, 2, 9_000_000) |> Cursor.start(:set, [], self()) |> fetched(0) == [1, 1]
  end

  test "a walk" do
    assert table(:ordered_set, 2500, 10) |> walked(nil) == [1000, 1000, 500]
    assert table(:ordered_set, 10, 2_000_000) |> walked(nil) == [3, 3, 3, 1]
    assert table(:ordered_set, 2, 9_000_000) |> walked(nil) == [1, 1]
  end
end
