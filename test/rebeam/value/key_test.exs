defmodule Rebeam.Value.KeyTest do
  # The form of keys: what is one key in a dict is one key of a registry or table.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}
  alias Rebeam.Tables.Order
  alias Rebeam.Value.Key

  @tag :slow
  test "two keys have one form if they are one key in a dict" do
    assert Program.lines!("value/equal_keys.py") == ["True"]
  end

  @tag :slow
  test "the same in other versions of Python" do
    for python <- InterpreterProgram.pythons() do
      options = ["--python", python.executable]
      assert Program.lines!("value/equal_keys.py", options: options) == ["True"]
    end
  end

  test "Elixir's terms have the forms of what they are in Python" do
    for {terms, form} <- [
          {[1, 1.0, true], 1},
          {[0, -0.0, false], 0},
          {[nil], nil},
          {["é"], "é"},
          {[%Rebeam.Bytes{data: "x"}], {1, "x"}},
          {[<<255>>], {1, <<255>>}},
          {[{1, "a"}, {1.0, "a"}], [1, "a"]},
          {[MapSet.new([1, "a"]), MapSet.new([1.0, true, "a"])], {10, [1, "a"]}},
          {[:ok], {11, "ok"}}
        ],
        term <- terms,
        do: assert({term, Key.form(term)} == {term, form})

    for wrong <- [[1], %{}, fn -> 1 end, {1, [2]}, MapSet.new([[]])],
        do: assert_raise(ArgumentError, ~r/a key is/, fn -> Key.form(wrong) end)
  end

  test "a set from Python has no order" do
    assert Key.received({10, ["b", {1, %Rebeam.Bytes{data: "x"}}, 3]}) ==
             Key.received({10, [3, "b", {1, %Rebeam.Bytes{data: "x"}}]})
  end

  test "numbers are in order in an ordered set, and come back as they were" do
    floats =
      for _ <- 1..2000, do: (:rand.uniform() - 0.5) * :math.pow(10, :rand.uniform(400) - 330)

    near = for float <- floats, do: float * (1 + 2.3e-16)
    numbers = Enum.uniq([0, 5.0e-324, 1.0e-320, 1.5e300 | floats ++ near])
    places = for number <- numbers, do: {Order.place(:ordered_set, Key.form(number)), number}

    assert places |> Enum.sort() |> Enum.map(&elem(&1, 1)) == Enum.sort(numbers)

    for {place, number} <- places, number != trunc(number) do
      assert Order.form(:ordered_set, place) === number
      assert Order.place?(:ordered_set, place)
    end
  end
end
