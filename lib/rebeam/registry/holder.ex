defmodule Rebeam.Registry.Holder do
  @moduledoc false
  # Has the tables of all registries, and does nothing else: so they outlive Store and its partitions.
  use GenServer

  alias Rebeam.Registry.Partition

  def start_link(name), do: GenServer.start_link(__MODULE__, name, name: __MODULE__)

  @doc "Those of a new partition."
  @spec tables(Partition.kind()) :: {:ets.tid(), :ets.tid()}
  def tables(kind), do: GenServer.call(__MODULE__, {:tables, kind}, :infinity)

  # The one that says which registries there are has the name that it is started with.
  @impl true
  def init(name) do
    :ets.new(name, [:named_table, :public, read_concurrency: true])
    {:ok, nil}
  end

  @impl true
  def handle_call({:tables, kind}, _from, nil) when kind in [:unique, :duplicate],
    do: {:reply, Partition.tables(kind), nil}

  def handle_call(_request, _from, nil), do: {:reply, {:error, :not_a_rebeam_call}, nil}

  @impl true
  def handle_cast(_message, nil), do: {:noreply, nil}

  @impl true
  def handle_info(_message, nil), do: {:noreply, nil}
end
