defmodule Rebeam.Tables.LogTest do
  # The file of a table, cut off and damaged at each place.
  use ExUnit.Case, async: true

  alias Rebeam.Program
  alias Rebeam.Tables.{Log, Rows}

  @effects [
    [{:put, [{"a", 1, []}, {"b", [<<1, 2>>, "large"], []}]}],
    [{:delete, "a"}],
    [{:put, [{[1, {1, <<255>>}], nil, [<<3>>]}]}],
    [:clear, {:put, [{2.5, true, []}]}]
  ]

  setup do
    path = Path.join(Program.folder(), "kept.table")
    header = IO.iodata_to_binary(Log.header("kept", :set))
    records = Enum.map(@effects, &IO.iodata_to_binary(Log.effects(&1)))
    ends = Enum.scan([byte_size(header) | Enum.map(records, &byte_size/1)], &+/2)
    %{path: path, whole: Enum.join([header | records]), ends: ends}
  end

  # What is read, and how many bytes of it counted.
  defp read(path, bytes) do
    File.write!(path, bytes)
    {:ok, told} = Agent.start_link(fn -> [] end)
    result = Log.read(path, "kept", :set, fn effect -> Agent.update(told, &[effect | &1]) end)
    {result, told |> Agent.get(& &1) |> Enum.reverse()}
  end

  defp first(count), do: @effects |> Enum.take(count) |> Enum.concat()

  test "what was written is read", %{path: path, whole: whole} do
    size = byte_size(whole)
    assert read(path, whole) == {{:ok, size, 0}, first(4)}
  end

  test "memory that is shared is bytes in a file" do
    row = {"a", ["packed", {make_ref(), "large"}], []}
    assert Log.effects([{:put, [row]}]) == Log.effects([{:put, [{"a", ["packed", "large"], []}]}])
  end

  test "cut off anywhere, it has the records before", %{path: path, whole: whole, ends: ends} do
    for size <- 0..(byte_size(whole) - 1) do
      {{:ok, counted, torn}, effects} = read(path, binary_part(whole, 0, size))
      records = Enum.count(ends, &(&1 <= size))
      assert effects == first(max(records - 1, 0))
      assert counted == if(records == 0, do: 0, else: Enum.at(ends, records - 1))
      assert counted + torn == size
    end
  end

  @tag :slow
  test "with any bit turned, it is refused, or has the records before", context do
    %{path: path, whole: whole, ends: ends} = context
    last = Enum.at(ends, -2)

    for bit <- 0..(bit_size(whole) - 1) do
      <<before::size(bit), one::1, rest::bitstring>> = whole
      at = div(bit, 8)

      case read(path, <<before::size(bit), 1 - one::1, rest::bitstring>>) do
        # Of the last record nobody knows whether it was written to its end.
        {{:ok, ^last, _}, effects} -> assert at >= last and effects == first(3)
        {{:refused, type, text}, _} -> assert {type, at < last} == {"ValueError", true}, text
      end
    end
  end

  test "what is no table, or another one's, is named", %{path: path} do
    for {bytes, text} <- [
          {"SQLite format 3\0", "is no file of a table, but of something else"},
          {"Re:BEAM table 9\n...", "is a table of another version of Re:BEAM"},
          {Log.header("other", :bag), ~s(has the table "other", type "bag")},
          {["Re:BEAM table 1\n", String.duplicate("x", 99)], "is damaged at byte 16 of 115"}
        ] do
      assert {{:refused, "ValueError", refusal}, []} = read(path, IO.iodata_to_binary(bytes))
      assert refusal =~ "#{path} #{text}"
    end
  end

  test "a key that no ordered set has is none", %{path: path} do
    keys = [[1], [-3, 50_000_000_000_000_000], [nil], {101, nil}, {100, [[1], "a"]}, "a", nil]
    wrong = [1, 2.5, [1, "x"], [1, 0], ["x"], [1, 5, 5, 5, 5, 0], {100, [1]}, [1 | nil], [2.5]]

    for {keys, read?} <- [{keys, true}, {wrong, false}], key <- keys do
      file = [Log.header("kept", :ordered_set), Log.effects([{:put, [{key, 1, []}]}])]
      File.write!(path, file)
      size = IO.iodata_length(file)
      assert {:ok, whole, torn} = Log.read(path, "kept", :ordered_set, fn _ -> :ok end)
      assert {key, torn == 0, whole + torn} == {key, read?, size}
    end
  end

  test "a record that no table writes is none, and no atom is made", %{path: path} do
    for term <- [
          [{"put", [{:atom, 1, []}]}],
          [{"put", [{self(), 1, []}]}],
          [{"put", [{"a", %{}, []}]}],
          [{"put", [{"a", 1, fn -> 1 end}]}],
          [{"exec", "rm"}],
          :clear,
          [{"put", [{"a", 1, []} | :improper]}]
        ] do
      assert {{:ok, _, torn}, []} =
               read(path, [Log.header("kept", :set), raw(:erlang.term_to_binary(term))])

      assert torn > 0
    end

    # An atom that is not there, as external format has it.
    body = <<131, 108, 1::32, 119, 24, "an_atom_nobody_ever_made", 106>>
    assert {{:ok, _, torn}, []} = read(path, [Log.header("kept", :set), raw(body)])
    assert torn > 0

    assert_raise ArgumentError, fn ->
      String.to_existing_atom("an_atom_nobody" <> "_ever_made")
    end
  end

  defp raw(body) do
    size = byte_size(body)
    [<<0xE7, "tb", 0x1E, size::64, :erlang.crc32([<<size::64>>, body])::32>>, body]
  end

  test "done again from any point on, what was done comes to the same" do
    for type <- [:set, :ordered_set, :bag] do
      tid = :ets.new(:t, [type, :public])
      done = Enum.flat_map(1..300, fn _ -> change(tid, type) end)
      state = :ets.tab2list(tid) |> Enum.sort()

      for from <- [0, 100, 299] do
        again = :ets.new(:t, [type, :public])
        for effect <- done, do: Rows.redo(again, effect)

        # As after a compaction: rows of some later moment, then what was done since an earlier one.
        for effect <- Enum.drop(done, from), do: Rows.redo(again, effect)
        assert again |> :ets.tab2list() |> Enum.sort() == state
      end
    end
  end

  defp change(tid, type) do
    {key, value} = {:rand.uniform(9), :rand.uniform(3)}
    row = {key, value, []}

    change =
      case :rand.uniform(8) do
        1 -> {:take, key}
        2 -> {:delete, key}
        3 -> {:put_new, row}
        4 -> if type == :bag, do: {:discard, row}, else: {:swap, key, value, 9}
        5 -> if type == :bag, do: {:put, [row]}, else: {:count, key, [], 2, 0}
        6 -> if :rand.uniform(20) == 1, do: :clear, else: {:put, [row]}
        _ -> {:put, [row, {key + 1, value, []}]}
      end

    {_result, effects} = Rows.change(tid, type, change)
    effects
  end
end
