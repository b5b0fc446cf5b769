defmodule Rebeam.Operation.Registry do
  @moduledoc false
  # Registries: python/rebeam/_registry.py. A registry comes as {name, node, kind, partitions}, a key
  # in its form, with the packed one beside it if the form does not tell it.
  @behaviour Rebeam.Operation

  alias Rebeam.Packed
  alias Rebeam.Registry.{Access, Store}
  alias Rebeam.Value.Key

  @impl true
  def perform(verb, _, %{kind: :thread}) when verb in ["register", "unregister", "own"] do
    {:error, "RuntimeError", "entries of a registry are an actor's: a thread is no process"}
  end

  def perform("register", [place, key, shown, value], %{pid: owner}) do
    key = Key.received(key)
    arguments = [key, owner, value.payload, shown || Key.term(key)]

    {:later,
     fn ->
       with {:ok, {:taken, holder}} <- Access.ask(place, :register, arguments),
            do: {:error, "ValueError", taken(place, holder)},
            else:
              (
                {:ok, :ok} -> {:ok, nil}
                error -> error
              )
     end}
  end

  def perform("unregister", [place, key], %{pid: owner}) do
    {:later,
     fn ->
       with {:ok, :ok} <- Access.ask(place, :unregister, [Key.received(key), owner]),
            do: {:ok, nil}
     end}
  end

  def perform("lookup", [place, key], _) do
    key = Key.received(key)

    if Access.here?(place) and all_here?(place, key),
      do: look_up(place, key),
      else: {:wait, fn -> look_up(place, key) end}
  end

  def perform("own", [place, key], %{pid: owner}) do
    {:wait,
     fn ->
       with {:ok, {value, version}} <- Access.ask(place, :own, [Key.received(key), owner]),
            do: {:ok, {%Packed{payload: value}, version}}
     end}
  end

  def perform("update", [place, key, version, value], %{pid: owner}) do
    {:later,
     fn -> Access.ask(place, :update, [Key.received(key), owner, version, value.payload]) end}
  end

  def perform("keys", [place, nil], _), do: {:wait, fn -> Access.ask(place, :keys, []) end}
  def perform("keys", [place, owner], _), do: {:wait, fn -> Access.ask(place, :keys, [owner]) end}
  def perform("count", [place], _), do: {:wait, fn -> Access.ask(place, :count, []) end}

  defp look_up(place, key) do
    with {:ok, entries} <- Access.ask(place, :lookup, [key]),
         do: {:ok, for({owner, value} <- entries, do: {owner, %Packed{payload: value}})}
  end

  # Whether no other node has to be asked who lives.
  defp all_here?({name, _, _, _}, key) do
    case Store.get(name) do
      nil ->
        true

      registry ->
        Enum.all?(Store.lookup(registry, key), fn {pid, _, _} -> node(pid) == node() end)
    end
  end

  defp taken({name, _, _, _}, holder),
    do: "the key is taken in the registry #{inspect(name)}, by #{inspect(holder)}"
end
