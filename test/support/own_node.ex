defmodule Rebeam.OwnNode do
  @moduledoc false
  # A node with a name that is no other's, for Elixir code that runs in a VM of its own.

  alias Rebeam.Units.EpmdDaemon

  @doc "Makes this VM a node of this host. Before it runs a program, as its units need that."
  @spec start(String.t(), :longnames | :shortnames) :: :ok
  def start(kind, domain) do
    :ok = EpmdDaemon.start()
    host = if domain == :longnames, do: "@127.0.0.1", else: ""
    {:ok, _} = :net_kernel.start([:"#{kind}_#{System.pid()}#{host}", domain])
    :ok
  end
end
