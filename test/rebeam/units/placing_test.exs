defmodule Rebeam.Units.PlacingTest do
  use ExUnit.Case, async: true

  alias Rebeam.Units.Placing

  @here Atom.to_string(node())

  defp machine(name, labels, leaving? \\ false),
    do: %{node: name, place: {name, 1}, labels: labels, leaving?: leaving?}

  defp up(index, machine, load \\ 0) do
    unit = index |> Placing.unit(machine, false) |> Placing.up({:node, :"unit#{index}@x"})
    %{unit | load: load}
  end

  defp kind(units, failure \\ nil) do
    units = for {unit, n} <- Enum.with_index(units), into: %{}, do: {pid(n), unit}
    %{isolation: "process", units: units, turn: 0, waiting: [], failure: failure}
  end

  defp pid(n), do: :erlang.list_to_pid(~c"<0.#{n + 1000}.0>")

  defp take(kind, demand, times) do
    Enum.map_reduce(1..times, kind, fn _, kind ->
      {:unit, pid} = Placing.choose(kind, demand)
      {kind.units[pid].index, Placing.take(kind, pid)}
    end)
  end

  test "children go to the unit with the fewest actors, in turn where these are as many" do
    a = machine(:a@x, [])
    {order, kind} = take(kind([up(1, nil), up(2, nil, 2), up(3, a)]), nil, 6)
    assert order == [1, 3, 1, 3, 2, 1]
    {:unit, there} = Placing.choose(kind, nil)
    assert kind.units[there].index == 3
    assert %{load: 2} = Placing.give_back(kind, pid(0)).units[pid(0)]
    assert Placing.give_back(kind, pid(7)) == kind
  end

  test "what wants a machine gets it, or hears why there is none" do
    a = machine(:a@x, ["gpu"])
    kind = kind([up(1, nil), up(2, a, 5), up(3, machine(:b@x, ["gpu"], true))])
    assert Placing.choose(kind, {:where, "gpu"}) == {:unit, pid(1)}
    assert Placing.choose(kind, {:node, "a@x"}) == {:unit, pid(1)}
    assert Placing.choose(kind, {:node, @here}) == {:unit, pid(0)}
    assert {:none, text} = Placing.choose(kind, {:where, "tpu"})
    assert text == ~s(no worker machine with the label "tpu" has joined: rebeam join --label tpu)
    # One that leaves takes nobody.
    assert {:none, "no worker machine b@x has joined this program"} =
             Placing.choose(kind, {:node, "b@x"})

    assert {:none, "there is no worker: --workers is 0," <> _} = Placing.choose(kind([]), nil)
    assert {:error, "why"} = Placing.choose(kind([], "why"), nil)
  end

  test "the first children wait for all units of this host, and for none that is replaced" do
    starting = Placing.unit(2, nil, true)
    assert Placing.choose(kind([up(1, nil), starting]), nil) == :later
    replaced = %{starting | first?: false}
    assert Placing.choose(kind([up(1, nil), replaced]), nil) == {:unit, pid(0)}
    assert Placing.choose(kind([replaced]), nil) == :later
  end

  test "what is lost with a unit" do
    a = machine(:a@x, [])
    assert Placing.lost(up(1, a), :u@x, {:shutdown, :machine_gone}) == {:machine, {:a@x, 1}}
    assert Placing.lost(up(1, a), :u@x, {:shutdown, "died"}) == {:unit, :u@x}
    assert Placing.lost(up(1, nil), :u@x, :killed) == {:unit, :u@x}
    assert Placing.index(up(3, a)) == "3 on a@x"
  end
end
