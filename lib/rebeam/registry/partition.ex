defmodule Rebeam.Registry.Partition do
  @moduledoc false
  # Writes the entries of one part of a registry's keys, and watches who owns them. Whoever reads looks
  # into its tables (store.ex).
  #
  #   entries   {place, owner, value, shown, version}
  #             place is the key where keys are unique, else {key, version}: so what an owner has
  #             under a key that many have goes as fast as anything else, and all are in order
  #   owners    {{owner, key, version}}
  use GenServer

  alias Rebeam.Native
  alias Rebeam.Registry.{Token, Watcher}
  alias Rebeam.Value.Key

  @type kind :: :unique | :duplicate
  @typedoc "Version: each registration and each change of a value has its own, later ones greater."
  @type entry :: {pid, value :: term, version :: pos_integer}
  @type tables :: {pid, entries :: :ets.tid(), owners :: :ets.tid()}

  @doc "The tables of one, empty, which are the caller's: another process may have them after this one."
  @spec tables(kind) :: {:ets.tid(), :ets.tid()}
  def tables(kind) do
    type = if kind == :unique, do: :set, else: :ordered_set
    entries = :ets.new(__MODULE__, [type, :public, read_concurrency: true])
    {entries, :ets.new(__MODULE__, [:ordered_set, :public])}
  end

  @doc "Starts one, linked to the caller, with what is in its tables."
  @spec start_link(String.t(), kind, {:ets.tid(), :ets.tid()}) :: tables
  def start_link(registry, kind, {entries, owners}) do
    {:ok, pid} = GenServer.start_link(__MODULE__, {registry, kind, entries, owners})
    {pid, entries, owners}
  end

  @spec register(tables, Key.t(), pid, term, term) :: :ok | {:taken, pid}
  def register({server, _, _}, key, owner, value, shown),
    do: GenServer.call(server, {:register, key, owner, value, shown}, :infinity)

  @doc "The owner has nothing under the key any more."
  @spec unregister(tables, Key.t(), pid) :: :ok
  def unregister({server, _, _}, key, owner),
    do: GenServer.call(server, {:unregister, key, owner}, :infinity)

  @doc "Another value, unless the entry is another one by now. Where keys are unique."
  @spec update(tables, Key.t(), pid, pos_integer, term) :: boolean
  def update({server, _, _}, key, owner, version, value),
    do: GenServer.call(server, {:update, key, owner, version, value}, :infinity)

  @doc "The owner has ended: whoever found that out first says so."
  @spec gone(tables, pid) :: :ok
  def gone({server, _, _}, owner), do: GenServer.call(server, {:gone, owner}, :infinity)

  # ---- reading -----------------------------------------------------------------------------------

  @doc "In the order in which they were registered."
  @spec lookup(tables, kind, Key.t()) :: [entry]
  def lookup({_, entries, _}, :unique, key),
    do:
      for({_, owner, value, _, version} <- :ets.lookup(entries, key), do: {owner, value, version})

  def lookup({_, entries, _}, :duplicate, key) do
    :ets.select(entries, [
      {{{key, :_}, :"$1", :"$2", :_, :"$3"}, [], [{{:"$1", :"$2", :"$3"}}]}
    ])
  end

  @doc "{owner, key, key as it was given} of all entries."
  @spec keys(tables, kind) :: [{pid, Key.t(), term}]
  def keys({_, entries, _}, kind) do
    place = if kind == :unique, do: :"$1", else: {:"$1", :_}
    :ets.select(entries, [{{place, :"$2", :_, :"$3", :_}, [], [{{:"$2", :"$1", :"$3"}}]}])
  end

  @doc "The same of one owner."
  @spec keys(tables, kind, pid) :: [{pid, Key.t(), term}]
  def keys({_, entries, owners}, kind, owner) do
    for {key, version} <- places(owners, owner),
        {_, ^owner, _, shown, _} <- :ets.lookup(entries, place(kind, key, version)),
        do: {owner, key, shown}
  end

  @doc "{key, value, key as it was given} of one owner, in the order in which they were registered."
  @spec entries(tables, kind, pid) :: [{Key.t(), term, term}]
  def entries({_, entries, owners}, kind, owner) do
    for {key, version} <- owners |> places(owner) |> Enum.sort_by(&elem(&1, 1)),
        {_, ^owner, value, shown, _} <- :ets.lookup(entries, place(kind, key, version)),
        do: {key, value, shown}
  end

  defp places(owners, owner),
    do: :ets.select(owners, [{{{owner, :"$1", :"$2"}}, [], [{{:"$1", :"$2"}}]}])

  @doc "Who owns entries, and how many."
  @spec owners(tables) :: %{pid => pos_integer}
  def owners({_, entries, _}) do
    entries
    |> :ets.select([{{:_, :"$1", :_, :_, :_}, [], [:"$1"]}])
    |> Enum.frequencies()
  end

  # ---- the server --------------------------------------------------------------------------------

  # `watched`: of each owner its monitor, :elsewhere for one on another node; `watchers`: of each such
  # node {who monitors there, how many owners}.
  @impl true
  def init({registry, kind, entries, owners}) do
    Process.put(:"$process_label", "registry #{registry}")
    tables = %{registry: registry, kind: kind, entries: entries, owners: owners}
    state = Map.merge(tables, %{version: 1, watched: %{}, watchers: %{}})
    {:ok, :ets.foldl(&take_over/2, state, owners)}
  end

  # What one before this had.
  defp take_over({{owner, _key, version}}, state),
    do: watch(%{state | version: max(state.version, version + 1)}, owner)

  @impl true
  def handle_call({:register, key, owner, value, shown}, _from, state) do
    case holder(state, key) do
      {nil, state} -> {:reply, :ok, state |> add(key, owner, value, shown) |> watch(owner)}
      {holder, state} -> {:reply, {:taken, holder}, state}
    end
  end

  def handle_call({:unregister, key, owner}, _from, state) do
    for {version} <- versions(state, owner, key), do: delete(state, owner, key, version)
    {:reply, :ok, leave(state, owner)}
  end

  def handle_call({:update, key, owner, version, value}, _from, state) do
    case :ets.lookup(state.entries, key) do
      [{^key, ^owner, _, shown, ^version}] ->
        state = add(state, key, owner, value, shown)
        :ets.delete(state.owners, {owner, key, version})
        {:reply, true, state}

      _ ->
        {:reply, false, state}
    end
  end

  def handle_call({:gone, owner}, _from, state), do: {:reply, :ok, remove(state, owner)}
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info({:DOWN, _, :process, owner, _}, state), do: {:noreply, remove(state, owner)}
  def handle_info({:gone, owner}, state) when is_pid(owner), do: {:noreply, remove(state, owner)}
  def handle_info(_message, state), do: {:noreply, state}

  # ---- entries -----------------------------------------------------------------------------------

  # One that has ended holds nothing. Of another node it is not known here: who asks finds out.
  defp holder(%{kind: :duplicate} = state, _key), do: {nil, state}

  defp holder(state, key) do
    case :ets.lookup(state.entries, key) do
      [] ->
        {nil, state}

      [{_, owner, _, _, _}] ->
        if node(owner) == node() and not Process.alive?(owner),
          do: {nil, remove(state, owner)},
          else: {owner, state}
    end
  end

  # In this order: what is in the entries has an owner, whenever this process ends.
  defp add(%{version: version} = state, key, owner, value, shown) do
    :ets.insert(state.owners, {{owner, key, version}})
    :ets.insert(state.entries, {place(state.kind, key, version), owner, value, shown, version})
    forget(state, key)
    %{state | version: version + 1}
  end

  defp place(:unique, key, _version), do: key
  defp place(:duplicate, key, version), do: {key, version}

  defp versions(state, owner, key),
    do: :ets.select(state.owners, [{{{owner, key, :"$1"}}, [], [{{:"$1"}}]}])

  defp delete(state, owner, key, version) do
    place = place(state.kind, key, version)

    with [{_, ^owner, _, _, _}] <- :ets.lookup(state.entries, place),
         do: :ets.delete(state.entries, place)

    :ets.delete(state.owners, {owner, key, version})
    forget(state, key)
  end

  defp forget(%{kind: :duplicate}, _key), do: :ok

  defp forget(state, key) do
    token = Token.of(state.registry, key)
    if token, do: Native.names_forget(token), else: :ok
  end

  defp remove(state, owner) do
    for {key, version} <- places(state.owners, owner), do: delete(state, owner, key, version)
    leave(state, owner)
  end

  # ---- owners ------------------------------------------------------------------------------------

  defp watch(state, owner) when is_map_key(state.watched, owner), do: state

  defp watch(state, owner) when node(owner) == node(),
    do: put_in(state.watched[owner], Process.monitor(owner))

  defp watch(state, owner) do
    {watcher, count} =
      Map.get_lazy(state.watchers, node(owner), fn -> {Watcher.start_link(), 0} end)

    Watcher.watch(watcher, owner)
    state = put_in(state.watchers[node(owner)], {watcher, count + 1})
    put_in(state.watched[owner], :elsewhere)
  end

  # One that owns nothing is not watched.
  defp leave(state, owner) do
    if owns?(state.owners, owner),
      do: state,
      else: unwatch(state, Map.pop(state.watched, owner), owner)
  end

  defp owns?(owners, owner),
    do: :ets.select(owners, [{{{owner, :_, :_}}, [], [true]}], 1) != :"$end_of_table"

  defp unwatch(state, {nil, _watched}, _owner), do: state

  defp unwatch(state, {:elsewhere, watched}, owner) do
    {watcher, count} = state.watchers[node(owner)]
    Watcher.leave(watcher, owner)

    %{
      state
      | watched: watched,
        watchers: watched_less(state.watchers, node(owner), watcher, count)
    }
  end

  defp unwatch(state, {monitor, watched}, _owner) do
    Process.demonitor(monitor, [:flush])
    %{state | watched: watched}
  end

  defp watched_less(watchers, node, watcher, 1) do
    Watcher.stop(watcher)
    Map.delete(watchers, node)
  end

  defp watched_less(watchers, node, watcher, count),
    do: Map.put(watchers, node, {watcher, count - 1})
end
