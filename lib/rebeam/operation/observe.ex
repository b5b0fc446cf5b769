defmodule Rebeam.Operation.Observe do
  @moduledoc false
  # Looking in: python/rebeam/observe.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Observe
  alias Rebeam.Observe.{Actors, Metrics, Text}

  @orders Map.new(Actors.orders(), &{Atom.to_string(&1), &1})

  # Each result comes with the text that shows it.
  @impl true
  def perform("actors", [order, limit], _),
    do: later(fn -> Observe.actors(@orders[order], limit) end, &Text.actors/1)

  def perform("classes", [], _), do: later(&Observe.classes/0, &Text.classes/1)
  def perform("tree", [limit], _), do: later(fn -> Observe.tree(limit) end, &Text.tree/1)
  def perform("waits", [limit], _), do: later(fn -> Observe.waits(limit) end, &Text.waits/1)
  def perform("crashes", [limit], _), do: later(fn -> Observe.crashes(limit) end, &Text.crashes/1)
  def perform("info", [], _), do: later(&Observe.info/0, &Text.info/1)

  def perform("metrics", [], _) do
    later(&Observe.metrics/0, &(&1 |> Metrics.text() |> IO.iodata_to_binary()))
  end

  def perform("stack", [target], _), do: of_one(fn -> Observe.stack(target) end, &Text.stack/1)

  def perform("trace", [target, messages, timeout], _) do
    of_one(fn -> Observe.trace(target, messages, timeout || :infinity) end, &Text.trace/1)
  end

  defp later(look, show), do: {:later, fn -> shown(look.(), show) end}

  defp of_one(look, show) do
    {:wait,
     fn ->
       case look.() do
         {:ok, found} -> shown(found, show)
         {:error, text} -> {:error, "LookupError", text}
       end
     end}
  end

  defp shown(found, show), do: {:ok, {python(found), show.(found)}}

  # Names of fields and words are atoms here, and text there.
  defp python(%_{} = struct), do: struct
  defp python(%{} = map), do: Map.new(map, fn {key, value} -> {to_string(key), python(value)} end)
  defp python(list) when is_list(list), do: Enum.map(list, &python/1)
  defp python(atom) when atom in [nil, true, false], do: atom
  defp python(atom) when is_atom(atom), do: Atom.to_string(atom)
  defp python({:large, _size}), do: nil
  defp python(value), do: value
end
