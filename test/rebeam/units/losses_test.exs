defmodule Rebeam.Units.LossesTest do
  # The table is the Pool's, which the application has.
  use ExUnit.Case, async: true

  alias Rebeam.Units.Losses

  defp stand_in(place, node, supervisor, lost) do
    order = Losses.order()
    test = self()

    pid =
      spawn_link(fn ->
        Losses.keep(place, node, supervisor, order)
        send(test, {:kept, self()})
        receive do: (:lost -> send(test, {self(), Losses.first?(lost, place, supervisor, order)}))
        receive do: (:end -> :ok)
      end)

    receive do: ({:kept, ^pid} -> pid)
  end

  defp ask(pids) do
    for pid <- pids, do: send(pid, :lost)
    for pid <- pids, do: receive(do: ({^pid, first?} -> first?))
  end

  test "of a machine with many units each supervisor hears once, by its first child there" do
    place = {:machine@x, System.unique_integer()}
    [one, two] = [spawn(fn -> :ok end), spawn(fn -> :ok end)]
    lost = {:machine, place}
    pids = for n <- 1..50, do: stand_in(place, :"u#{rem(n, 8)}@x", one, lost)
    others = for n <- 1..3, do: stand_in(place, :"u#{n}@x", two, lost)
    assert ask(Enum.reverse(pids)) == List.duplicate(false, 49) ++ [true]
    assert ask(others) == [true, false, false]
    Losses.forget(lost)
  end

  test "of a unit of it, by the first child in that unit" do
    place = {:machine@x, System.unique_integer()}
    supervisor = spawn(fn -> :ok end)
    lost = {:unit, :u2@x}
    [_, second, third] = for n <- [1, 2, 2], do: stand_in(place, :"u#{n}@x", supervisor, lost)
    assert ask([second, third]) == [true, false]
    Losses.forget(lost)
  end
end
