defmodule Rebeam.Registry.Store do
  @moduledoc false
  # The registries of this node, which is a main node: which there are, and reading them. This server
  # starts their processes, again should one fail, or after it was itself started again; whoever asks
  # looks into the tables itself (holder.ex has them).
  #
  # A registry begins with its first use, and lasts as long as the program: so its name is all that
  # anybody has to know of it.
  use GenServer

  alias Rebeam.Native
  alias Rebeam.Registry.{Holder, Partition}
  alias Rebeam.Value.Key

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

  @doc "All there are."
  @spec all :: [registry]
  def all, do: :ets.tab2list(__MODULE__)

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

  # `places`: of each process, which part of which registry it is.
  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    # What native code knows may be of a server before this one.
    Native.names_changed()
    {:ok, __MODULE__ |> :ets.tab2list() |> Enum.reduce(%{}, &take_over/2)}
  end

  # Of the server before this one, whose processes end with it.
  defp take_over({name, kind, partitions}, places) do
    again =
      for {pid, entries, owners} <- Tuple.to_list(partitions) do
        monitor = Process.monitor(pid)
        Process.exit(pid, :kill)

        receive do
          {:DOWN, ^monitor, :process, _, _} -> Partition.start_link(name, kind, {entries, owners})
        end
      end

    put({name, kind, List.to_tuple(again)}, places)
  end

  @impl true
  def handle_call({:make, name, kind, partitions}, _from, places) do
    if registry = get(name) do
      {:reply, registry, places}
    else
      registry = make(name, kind || :unique, partitions || 1)
      {:reply, registry, put(registry, places)}
    end
  end

  def handle_call(_request, _from, places), do: {:reply, {:error, :not_a_rebeam_call}, places}

  @impl true
  def handle_cast(_message, places), do: {:noreply, places}

  # Who waits for it hears of its end; the next one finds another there.
  @impl true
  def handle_info({:EXIT, pid, _reason}, places) when is_map_key(places, pid) do
    {{name, index}, places} = Map.pop(places, pid)
    {^name, kind, partitions} = get(name)
    {^pid, entries, owners} = elem(partitions, index)
    tables = Partition.start_link(name, kind, {entries, owners})
    :ets.insert(__MODULE__, {name, kind, put_elem(partitions, index, tables)})
    {:noreply, Map.put(places, elem(tables, 0), {name, index})}
  end

  def handle_info(_message, places), do: {:noreply, places}

  defp make(name, kind, count) do
    partitions = for _ <- 1..count, do: Partition.start_link(name, kind, Holder.tables(kind))
    {name, kind, List.to_tuple(partitions)}
  end

  defp put({name, _, partitions} = registry, places) do
    :ets.insert(__MODULE__, registry)
    pids = for {pid, _, _} <- Tuple.to_list(partitions), do: pid
    for {pid, index} <- Enum.with_index(pids), into: places, do: {pid, {name, index}}
  end
end
