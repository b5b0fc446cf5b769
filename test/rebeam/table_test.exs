defmodule Rebeam.TableTest do
  # Tables as Elixir has them, also beside Python.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Table}

  setup do
    # The codec cannot be loaded without.
    {:ok, _} = Rebeam.Value.pack(1)
    %{name: "table #{System.unique_integer([:positive])}"}
  end

  test "rows", %{name: name} do
    assert Table.open(name) == {:ok, name}
    assert Table.put(name, "a", %{x: [1, :y]}) == :ok
    assert Table.get(name, "a") == %{x: [1, :y]}
    assert {Table.get(name, "b"), Table.get(name, "b", 5)} == {nil, 5}
    assert {Table.put_new(name, "a", 1), Table.put_new(name, 1, 1)} == {false, true}
    assert {Table.update_counter(name, 1.0), Table.update_counter(name, true, -3)} == {2, -1}
    assert_raise ArgumentError, ~r/no integer/, fn -> Table.update_counter(name, "a") end
    assert Table.compare_and_swap(name, "a", %{x: [1, :y]}, nil)
    refute Table.compare_and_swap(name, "a", 1, 2)
    assert {Table.take(name, "a"), Table.take(name, "a", :none)} == {nil, :none}
    assert {Table.has_key?(name, 1), Table.size(name)} == {true, 1}
    assert {Table.delete(name, 1), Table.delete(name, 1)} == {true, false}
    assert Table.put(name, for(n <- 1..2500, do: {n, n})) == :ok
    assert name |> Table.stream() |> Enum.sort() == for(n <- 1..2500, do: {n, n})
    assert Table.memory(name) > 2500 * 8
    assert Table.clear(name) == :ok
    assert Table.to_list(name) == []
    assert Table.drop(name) == :ok
    assert_raise ArgumentError, ~r/no table/, fn -> Table.get(name, 1) end
  end

  test "keys come as they were put, in the order of Python", %{name: name} do
    {:ok, _} = Table.open(name, type: :ordered_set)
    now = ~U[2020-01-01 12:00:00.000001Z]
    bytes = %Rebeam.Bytes{data: "b"}
    keys = [nil, bytes, ~D[2020-01-01], ~N[2020-01-01 00:00:00], now, ~T[01:00:00]]
    keys = keys ++ [MapSet.new([1, "a"]), :atom, self(), {}, {1, "a"}, {1, "a", 2}, {1.5}, {2}]
    keys = keys ++ [-1, -1.0e-300, 2.5, 3, "", "a", "ab", "é"]
    Table.put(name, Enum.shuffle(for key <- keys, do: {key, key}))
    assert Table.to_list(name) == for(key <- keys, do: {key, key})
    assert {Table.first(name), Table.last(name)} == {nil, "é"}
    assert {Table.next(name, "aa"), Table.prev(name, 2)} == {"ab", -1.0e-300}
    assert {Table.next(name, "é"), Table.prev(name, nil, :none)} == {nil, :none}

    for bad <- [[1], %{}, make_ref() |> List.wrap()],
        do: assert_raise(ArgumentError, fn -> Table.put(name, bad, 1) end)

    Table.drop(name)
  end

  test "a wrong option is an error, and ends no other table", %{name: name} do
    {:ok, _} = Table.open(name)

    for options <- [
          [type: :list],
          [public: nil],
          [read_concurrency: 5],
          [durability: :never],
          [durability: :always],
          [file: 5],
          [file: "a\0b"],
          [file: String.duplicate("x", 5000)],
          [heir: self()],
          [heir: 3, public: false]
        ] do
      assert {:error, text} = Table.open(name <> " bad", options)
      assert text =~ ~r/cannot be|is for a table/
    end

    assert Table.put(name, 1, 2) == :ok
    Table.drop(name)
  end

  test "a bag", %{name: name} do
    {:ok, _} = Table.open(name, type: :bag)
    for value <- [2, 1, 2, "x"], do: Table.put(name, "a", value)
    assert {Table.get(name, "a"), Table.get(name, "b")} == {[2, 1, "x"], []}
    assert {Table.discard(name, "a", 1), Table.discard(name, "a", 1)} == {true, false}
    assert Table.take(name, "a") == [2, "x"]
    assert_raise ArgumentError, fn -> Table.first(name) end
    Table.drop(name)
  end

  test "the owner writes, then its heir", %{name: name} do
    test = self()

    owner =
      spawn(fn ->
        Table.open(name, public: false, heir: test)
        Table.put(name, "a", 1)
        send(test, :opened)
        receive do: (:end -> :ok)
      end)

    assert_receive :opened
    assert Table.get(name, "a") == 1
    assert_raise ArgumentError, ~r/not public/, fn -> Table.put(name, "a", 2) end
    assert {:error, text} = Table.open(name)
    assert text =~ "public=False"
    send(owner, :end)
    assert_receive {:rebeam_table, ^name, ^owner}
    assert Table.put(name, "a", 2) == :ok
    Table.drop(name)
  end

  @tag :slow
  test "what Python puts, Elixir has, and the other way" do
    program = """
    import datetime
    from decimal import Decimal
    from rebeam import GenPy, Supervisor, Table, receive

    class User(GenPy):
        def __init__(self):
            self.name = "user"
        @receive("put")
        def put(self):
            table = Table("both", type="ordered_set")
            table.update({1: {"a": (1, None)}, "é": "text", b"x": b"y", (1, ("a",)): {1}})
            table.update({datetime.date(2020, 1, 2): Decimal("1.50"), None: float("nan")})
            table["counter"] = 5
        @receive("get")
        def get(self):
            table = Table("both", type="ordered_set")
            assert table[datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)] == {"x": [1.5, None]}
            assert table[b"\\xff"] == table[(1, b"\\xff")] == "é"
            assert table["counter"] == 7 and table.compare_and_swap("map", {"k": 1}, 0)
            return [str(key) for key in table]

    Supervisor([User()])
    """

    code = ~S"""
    wait_until(fn -> Rebeam.whereis("user") end)
    {:ok, nil} = Rebeam.call("user", "put", nil)
    table = "both"
    for row <- Rebeam.Table.to_list(table), do: show.(row)
    show.(Rebeam.Table.get(table, ~D[2020-01-02]))
    show.(Rebeam.Table.get(table, {1, {"a"}}))
    7 = Rebeam.Table.update_counter(table, "counter", 2)
    Rebeam.Table.put(table, ~U[2020-01-01 00:00:00Z], %{"x" => [1.5, nil]})
    Rebeam.Table.put(table, [{<<255>>, "é"}, {{1, <<255>>}, "é"}, {"map", %{"k" => 1}}])
    show.(elem(Rebeam.call("user", "get", nil), 0))
    """

    assert InElixir.lines!(program, code) == [
             "{nil, #Rebeam.Object<builtins.float nan>}",
             ~s|{#Rebeam.Bytes<"x">, #Rebeam.Bytes<"y">}|,
             "{~D[2020-01-02], #Rebeam.Object<decimal.Decimal 1.50>}",
             ~s|{{1, {"a"}}, MapSet.new([1])}|,
             ~s|{1, %{"a" => {1, nil}}}|,
             ~s|{"counter", 5}|,
             ~s|{"é", "text"}|,
             "#Rebeam.Object<decimal.Decimal 1.50>",
             "MapSet.new([1])",
             ":ok"
           ]
  end
end
