defmodule Rebeam.Registry.Store do
  @moduledoc false
  # The registries of this node, which is a main node: which there are, and reading them. This server
  # makes them and goes with each of their processes; whoever asks looks into their tables itself.
  #
  # A registry begins with its first use, and lasts as long as the program: so its name is all that
  # anybody has to know of it.
  use GenServer

  alias Rebeam.Registry.{Key, Partition}

  @most 1024

  @typedoc "Nil: as it is, unique keys in one partition when it is new."
  @type wish(what) :: what | nil
  @type registry :: {String.t(), Partition.kind(), partitions :: tuple}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The registry, made if it is new. It is the one that was wished for, or there is an error."
  @spec open(String.t(), wish(Partition.kind()), wish(pos_integer)) ::
          {:ok, registry} | {:error, String.t()}
  def open(name, kind, partitions) do
    registry = get(name) || GenServer.call(__MODULE__, {:make, name, kind, partitions}, :infinity)
    as_wished(registry, kind, partitions)
  end

  @doc "The registry of that name, nil if there is none."
  @spec get(String.t()) :: registry | nil
  def get(name) do
    case :ets.lookup(__MODULE__, name) do
      [registry] -> registry
      [] -> nil
    end
  end

  defp as_wished({name, kind, _}, wished, _) when wished not in [nil, kind],
    do: {:error, "the registry #{inspect(name)} has #{kind} keys, not #{wished} ones"}

  defp as_wished({name, _, all}, _, wished) when wished != nil and wished != tuple_size(all) do
    {:error, "the registry #{inspect(name)} has #{tuple_size(all)} partitions, not #{wished}"}
  end

  defp as_wished(registry, _kind, _partitions), do: {:ok, registry}

  @doc "How many partitions a registry has at most."
  @spec most_partitions :: pos_integer
  def most_partitions, do: @most

  # ---- entries -----------------------------------------------------------------------------------

  @doc "The part of a registry that has the key."
  @spec partition(registry, Key.t()) :: Partition.tables()
  def partition({_, _, all}, _key) when tuple_size(all) == 1, do: elem(all, 0)
  def partition({_, _, all}, key), do: elem(all, :erlang.phash2(key, tuple_size(all)))

  @spec partitions(registry) :: [Partition.tables()]
  def partitions({_, _, all}), do: Tuple.to_list(all)

  @doc "The entries of a key, also those of which the registry does not know yet that they ended."
  @spec lookup(registry, Key.t()) :: [Partition.entry()]
  def lookup({_, kind, _} = registry, key),
    do: registry |> partition(key) |> Partition.lookup(kind, key)

  # ---- the server --------------------------------------------------------------------------------

  @impl true
  def init(nil) do
    :ets.new(__MODULE__, [:named_table, read_concurrency: true])
    {:ok, nil}
  end

  @impl true
  def handle_call({:make, name, kind, partitions}, _from, state) do
    {:reply, get(name) || make(name, kind || :unique, partitions || 1), state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info(_message, state), do: {:noreply, state}

  defp make(name, kind, count) do
    partitions = for _ <- 1..count, do: Partition.start_link(name, kind)
    registry = {name, kind, List.to_tuple(partitions)}
    :ets.insert(__MODULE__, registry)
    registry
  end
end
