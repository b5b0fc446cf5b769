defmodule Rebeam.Operation.Nodes do
  @moduledoc false
  # Nodes of other programs: python/rebeam/_nodes.py. The connections are the main node's.
  @behaviour Rebeam.Operation

  alias Rebeam.{Cluster, Native, Nodes}
  alias Rebeam.Nodes.Watch
  alias Rebeam.Units.Pool

  @impl true
  def perform("this", [], _), do: {:ok, Atom.to_string(Nodes.main())}
  def perform("list", [hidden?], _), do: on_main(Watch, :list, [hidden?])

  def perform("connect", [node, timeout], _) do
    {:wait,
     fn ->
       case Nodes.on_main(Cluster, :connect, [node, timeout], timeout + Nodes.patience()) do
         {:error, text} -> {:error, "RuntimeError", text}
         {:refused, text} -> {:error, "ConnectionError", text}
         :ok -> {:ok, nil}
       end
     end}
  end

  def perform("disconnect", [node], _), do: on_main(Cluster, :disconnect, [node])

  def perform("monitor", [hidden?], %{kind: :actor, pid: pid}),
    do: on_main(Watch, :subscribe, [pid, hidden?])

  def perform("demonitor", [flush], %{kind: :actor, pid: pid} = asker) do
    {:wait,
     fn ->
       found = Nodes.on_main(Watch, :unsubscribe, [pid])
       {:here, fn -> {:ok, flushed(found, flush, asker)} end}
     end}
  end

  def perform(verb, _, _) when verb in ["monitor", "demonitor"] do
    {:error, "RuntimeError",
     "#{verb}_nodes() is for actors: here is nobody whose @info would get what it tells"}
  end

  def perform("kind", [name], _) do
    {:wait,
     fn ->
       case Nodes.on_main(__MODULE__, :kind, [name]) do
         nil -> {:error, "ConnectionError", unknown(name)}
         kind -> {:ok, kind}
       end
     end}
  end

  @doc false
  # On the main node: what a node is to this program.
  def kind(name) do
    units = for {_, _, _, {:node, node}} <- Pool.units(), do: node

    cond do
      name == Atom.to_string(node()) -> "own"
      Enum.any?(Pool.machines(), &(Atom.to_string(&1.node) == name)) -> "machine"
      Nodes.connected(name) in [nil | units] -> nil
      true -> "program"
    end
  end

  defp unknown(name),
    do: "#{name} is no worker machine of this program, and no node that it is connected to"

  defp on_main(module, function, arguments) do
    if Nodes.main?(),
      do: {:ok, apply(module, function, arguments)},
      else: {:wait, fn -> {:ok, Nodes.on_main(module, function, arguments)} end}
  end

  # What is on its way to the actor's handler.
  defp flushed(found, flush, asker) do
    if found and flush,
      do: for(kind <- ["node_up", "node_down"], do: withdraw(asker.native, kind))

    found
  end

  defp withdraw(native, kind),
    do: Native.actor_withdraw(native, kind, <<>>) && withdraw(native, kind)
end
