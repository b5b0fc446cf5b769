defmodule Rebeam.Operation.Observe do
  @moduledoc false
  # Looking in: python/rebeam/observe.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Nodes, Observe}

  # Names of fields, orders and kinds are atoms of ours.
  @orders Map.new(Observe.Actors.orders(), &{Atom.to_string(&1), &1})

  @impl true
  def perform(verb, arguments, _asker),
    do: {:later, fn -> {:ok, python(on_main(verb, arguments))} end}

  # It has the supervisors, and knows the units.
  defp on_main(verb, arguments),
    do: Nodes.on_main(__MODULE__, :ask, [verb, arguments], 2 * Nodes.patience())

  @doc false
  def ask("actors", [order, limit]), do: Observe.Actors.list(@orders[order], limit)
  def ask("classes", []), do: Observe.Actors.classes()

  defp python(%{} = map), do: Map.new(map, fn {key, value} -> {to_string(key), python(value)} end)
  defp python(list) when is_list(list), do: Enum.map(list, &python/1)
  defp python(atom) when atom in [nil, true, false], do: atom
  defp python(atom) when is_atom(atom), do: Atom.to_string(atom)
  defp python(value), do: value
end
