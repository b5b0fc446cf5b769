defmodule Rebeam.Operation.Testing do
  @moduledoc false
  # Clusters for tests: python/rebeam/_cluster.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Nodes
  alias Rebeam.Testing.Cluster

  @impl true
  def perform(verb, arguments, _asker) do
    if Nodes.main?(),
      do: {:later, fn -> on_main(verb, arguments) end},
      else: {:error, "RuntimeError", "a test cluster is started on the program's main node"}
  end

  defp on_main("start", [count, arguments, environment, folder]) do
    settings = %{
      arguments:
        ["--python", :persistent_term.get({Rebeam.Python.Runtime, :executable})] ++ arguments,
      environment: environment,
      cd: folder
    }

    with {:ok, pid, nodes} <- Cluster.start(count, settings),
         do: {:ok, {pid, Enum.map(nodes, &Atom.to_string/1)}},
         else: ({:error, text} -> {:error, "RuntimeError", text})
  end

  defp on_main("stop", [cluster]), do: done(Cluster.stop(cluster))
  defp on_main("kill", [cluster, node]), do: done(Cluster.kill(cluster, name(node)))

  defp on_main("freeze", [cluster, node, frozen?]),
    do: done(Cluster.freeze(cluster, name(node), frozen?))

  defp on_main("restart", [cluster, node]), do: done(Cluster.restart(cluster, name(node)))

  defp on_main("meet", [cluster]), do: done(Cluster.meet(cluster))

  defp on_main("way", [cluster, from, to, way]),
    do: done(Cluster.set(cluster, {name(from), name(to)}, way(way)))

  defp way("held"), do: :held
  defp way("closed"), do: :closed
  defp way(milliseconds) when is_integer(milliseconds), do: {:open, milliseconds}

  # A node that this VM has started itself.
  defp name(text), do: String.to_existing_atom(text)

  defp done(:ok), do: {:ok, nil}
  defp done({:error, text}), do: {:error, "RuntimeError", text}
end
