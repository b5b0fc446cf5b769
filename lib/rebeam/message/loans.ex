defmodule Rebeam.Message.Loans do
  @moduledoc false
  # Large parts of messages to other OS processes of this host: they go as files that exist in
  # memory only (c_src/memory/file.h), and the message says where to open them.
  #
  #   sender: lend(payload, pid) --> {:lent, lender, id, [packed | parts]} --> pid: take(payload)
  #                  \--> this server of the sender's node <---- {:taken, id, pid} ----/
  #
  # The server keeps each file open until all that it was lent to have taken it, or ended. What
  # goes to an alias may be dropped without anybody's knowing: who waits for it takes it at once,
  # so it is kept for a while only.
  #
  # Which nodes can open this one's files, they tell: each node offers one that is small. Others
  # get plain bytes, as do all until they told.
  use GenServer

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Nodes.Courier
  alias Rebeam.Value.Codec

  # In bytes. Below it the socket is as fast (`test/bench/run growth`).
  @least 262_144
  # How long for an alias, in milliseconds.
  @alias_period 60_000
  # How often it is looked whether a node takes messages again, in milliseconds.
  @busy_period 500

  @type payload :: Codec.payload()
  @type lent :: {:lent, pid, reference, [binary | {:file, tuple}, ...]}

  defguardp is_part(part)
            when is_binary(part) or
                   (tuple_size(part) == 2 and is_reference(elem(part, 0)) and
                      is_binary(elem(part, 1)))

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The native part is loaded: from now on this node lends and takes."
  @spec attach() :: :ok
  def attach, do: GenServer.call(__MODULE__, :attach)

  @doc "The payload as it goes to a server, or to the `from` of a call."
  @spec lend(payload, GenServer.server() | GenServer.from()) :: payload | lent
  def lend([_ | parts] = payload, to) when parts != [] do
    pid = with {pid, _tag} <- to, do: pid
    if reaches?(pid), do: lend(payload, [pid], alias?(to)), else: payload
  end

  def lend(payload, _to), do: payload

  @doc "The payload as it goes to each of several: with one copy of it for all."
  @spec lend_all(payload, [pid]) :: [{pid, payload | lent}]
  def lend_all(payload, pids) do
    {there, here} = if is_list(payload), do: Enum.split_with(pids, &reaches?/1), else: {[], pids}
    lent = if there == [], do: payload, else: lend(payload, there, false)
    Enum.map(here, &{&1, payload}) ++ Enum.map(there, &{&1, lent})
  end

  @doc "The payload as it was before `lend/2`, by the process that it was sent to."
  @spec take(payload | lent) :: {:ok, payload} | {:error, String.t()}
  def take(packed) when is_binary(packed), do: {:ok, packed}

  def take({:lent, lender, id, [packed | parts]})
      when is_pid(lender) and is_reference(id) and is_binary(packed) do
    result = take_each(parts, [packed], {lender, id})
    Courier.deliver(lender, {:taken, id, self()})
    result
  end

  def take([packed | parts] = payload) when is_binary(packed),
    do: if(parts?(parts), do: {:ok, payload}, else: malformed())

  def take(_payload), do: malformed()

  @doc "In place of `take/1`, where a message is refused or ignored."
  @spec drop(payload | lent) :: term
  def drop({:lent, lender, id, _}) when is_pid(lender),
    do: Courier.deliver(lender, {:taken, id, self()})

  def drop(_payload), do: :ok

  # ---- to lend -----------------------------------------------------------------------------

  defp alias?({_pid, [:alias | _]}), do: true
  defp alias?(_to), do: false

  defp reaches?(pid) when is_pid(pid) and node(pid) != node() do
    :ets.whereis(__MODULE__) != :undefined and
      :ets.lookup(__MODULE__, node(pid)) == [{node(pid), true}]
  end

  defp reaches?(_here_or_name), do: false

  defp lend([packed | parts], takers, alias?) do
    server = Process.whereis(__MODULE__)

    case Enum.map_reduce(parts, [], &lend_part/2) do
      {lent, [_ | _] = files} when server != nil ->
        id = make_ref()
        send(server, {:lent, id, files, takers, alias?})
        {:lent, server, id, [packed | lent]}

      _ ->
        [packed | parts]
    end
  end

  defp lend_part(part, files) do
    with true <- part_size(part) >= @least,
         {file, address} <- Native.memory_lend(part) do
      {{:file, address}, [{address, file} | files]}
    else
      _ -> {part, files}
    end
  end

  defp part_size({_reference, binary}), do: byte_size(binary)
  defp part_size(binary), do: byte_size(binary)

  # ---- to take -----------------------------------------------------------------------------

  defp take_each([], taken, _loan), do: {:ok, Enum.reverse(taken)}

  defp take_each([{:file, address} | rest], taken, loan) do
    with {:error, _} <- Native.memory_take(address),
         :gone <- fetch(address, loan) do
      {:error, "its sender's OS process is gone, and large memory that it lent with it"}
    else
      {:ok, part} -> take_each(rest, [part | taken], loan)
    end
  end

  defp take_each([part | rest], taken, loan) when is_part(part),
    do: take_each(rest, [part | taken], loan)

  defp take_each(_malformed, _taken, _loan), do: malformed()

  defp parts?([part | rest]) when is_part(part), do: parts?(rest)
  defp parts?(rest), do: rest == []

  defp malformed, do: {:error, "malformed message"}

  # Where this process has no descriptor left, for instance: as plain bytes.
  defp fetch(address, {lender, id}) do
    alias = :erlang.monitor(:process, lender, alias: :reply_demonitor)
    Courier.deliver(lender, {:fetch, id, address, alias})

    receive do
      {^alias, result} -> result
      {:DOWN, ^alias, :process, _, _} -> :gone
    after
      Nodes.patience() -> Process.demonitor(alias, [:flush]) && :gone
    end
  end

  # ---- the server: what is lent --------------------------------------------------------------

  # `loans`: id => {files, those who did not take it yet, whether there is one only}; `takers`:
  # pid => {monitor, ids}; `later`: takers of nodes that are busy, to be monitored, or no more.
  @impl true
  def init(nil) do
    :ets.new(__MODULE__, [:named_table, read_concurrency: true])
    state = %{loans: %{}, takers: %{}, later: MapSet.new(), offer: nil}
    {:ok, if(:persistent_term.get(__MODULE__, false), do: begin(state), else: state)}
  end

  @impl true
  def handle_call(:attach, _from, state) do
    :persistent_term.put(__MODULE__, true)
    {:reply, :ok, if(state.offer, do: state, else: begin(state))}
  end

  # Programs find it by its name, and the application ends with it: nothing that comes may end it.
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info({:lent, id, files, pids, alias?}, state)
      when is_reference(id) and is_list(files) and is_list(pids) do
    if alias?, do: Process.send_after(self(), {:over, id}, @alias_period)
    state = put_in(state.loans[id], {files, pids, match?([_], pids)})
    {:noreply, Enum.reduce(pids, state, &watch(&2, &1, id))}
  end

  # Who waits for an answer may have another process take it. One of several is still waited for:
  # it might be taken from the others.
  def handle_info({:taken, id, pid}, state) do
    case state.loans do
      %{^id => {_, [only], true}} ->
        {:noreply, settle(state, id, only)}

      %{^id => {_, pids, false}} ->
        {:noreply, if(pid in pids, do: settle(state, id, pid), else: state)}

      _ ->
        {:noreply, state}
    end
  end

  def handle_info({:fetch, id, address, alias}, state) when is_reference(alias) do
    answer =
      with %{^id => {files, _, _}} <- state.loans,
           {_, file} <- List.keyfind(files, address, 0),
           {:ok, {_reference, binary}} <- Native.memory_map(file),
           do: {:ok, binary},
           else: (_ -> :gone)

    Courier.deliver(alias, {alias, answer})
    :erlang.garbage_collect()
    {:noreply, state}
  end

  def handle_info({:DOWN, _, :process, pid, _}, state) do
    {_, ids} = Map.get(state.takers, pid, {nil, []})
    state = Enum.reduce(ids, put_in(state.takers[pid], {nil, ids}), &settle(&2, &1, pid))
    {:noreply, look(state, pid)}
  end

  def handle_info(:later, state),
    do: {:noreply, Enum.reduce(state.later, %{state | later: MapSet.new()}, &look(&2, &1))}

  def handle_info({:over, id}, state) do
    {_, pids, _} = Map.get(state.loans, id, {[], [], false})
    {:noreply, Enum.reduce(pids, state, &settle(&2, id, &1))}
  end

  # ---- the server: who can open our files ----------------------------------------------------

  def handle_info({:nodeup, node, _}, state) when is_atom(node) do
    offer(state, node)
    {:noreply, state}
  end

  def handle_info({:nodedown, node, _}, state) do
    :ets.delete(__MODULE__, node)
    {:noreply, state}
  end

  # A node that was not ready for our offer is now.
  def handle_info({:offer, server, address}, state) when is_pid(server) do
    if state.offer do
      opened? = match?({:ok, _}, Native.memory_take(address))
      # What was opened is garbage now, and this process may be idle for long.
      :erlang.garbage_collect()
      Courier.deliver(server, {:opened, node(), opened?})
      unless answered?(node(server)), do: offer(state, node(server))
    end

    {:noreply, state}
  end

  def handle_info({:opened, node, opened?}, state) when is_atom(node) and is_boolean(opened?) do
    :ets.insert(__MODULE__, {node, opened?})
    {:noreply, state}
  end

  def handle_info(_late, state), do: {:noreply, state}

  defp begin(state) do
    state = %{state | offer: Native.memory_lend("rebeam") || :none}
    :net_kernel.monitor_nodes(true, node_type: :all)
    Enum.each(Node.list([:visible, :hidden]), &offer(state, &1))
    state
  end

  # Our offer may have come before the other one's server.
  defp answered?(node), do: :ets.lookup(__MODULE__, node) not in [[], [{node, :asked}]]

  defp offer(%{offer: {_file, address}}, node) do
    :ets.insert_new(__MODULE__, {node, :asked})
    Courier.deliver({__MODULE__, node}, {:offer, self(), address})
  end

  defp offer(_state, _node), do: :ok

  defp watch(state, pid, id) do
    {monitor, ids} = Map.get(state.takers, pid, {nil, []})
    look(put_in(state.takers[pid], {monitor, [id | ids]}), pid)
  end

  # A taker is monitored for as long as it has something to take.
  defp look(state, pid) do
    case Map.get(state.takers, pid, {nil, []}) do
      {nil, []} -> %{state | takers: Map.delete(state.takers, pid)}
      {monitor, [_ | _]} when monitor != nil -> state
      taker -> look(state, pid, taker, node(pid))
    end
  end

  # To a node that is gone there is no way, which looks like one that is busy.
  defp look(state, pid, {nil, ids} = taker, node) do
    cond do
      not Nodes.busy?(node) -> change(state, pid, taker)
      node in Node.list(:connected) -> later(state, pid)
      true -> Enum.reduce(ids, state, &settle(&2, &1, pid))
    end
  end

  defp look(state, pid, taker, node),
    do: if(Nodes.busy?(node), do: later(state, pid), else: change(state, pid, taker))

  defp change(state, pid, {nil, ids}),
    do: put_in(state.takers[pid], {Process.monitor(pid), ids})

  defp change(state, pid, {monitor, []}) do
    Process.demonitor(monitor, [:flush])
    %{state | takers: Map.delete(state.takers, pid)}
  end

  # What lends to other nodes must not wait for that one.
  defp later(state, pid) do
    if MapSet.size(state.later) == 0, do: Process.send_after(self(), :later, @busy_period)
    %{state | later: MapSet.put(state.later, pid)}
  end

  # `pid` does not take it any more.
  defp settle(state, id, pid) do
    case state.loans do
      %{^id => {files, pids, one?}} ->
        state |> forget(pid, id) |> left(id, {files, List.delete(pids, pid), one?})

      _ ->
        state
    end
  end

  defp left(state, id, {files, [], _}) do
    for {_address, file} <- files, do: Native.memory_close(file)
    %{state | loans: Map.delete(state.loans, id)}
  end

  defp left(state, id, loan), do: put_in(state.loans[id], loan)

  defp forget(state, pid, id) do
    case state.takers do
      %{^pid => {monitor, [^id]}} -> look(put_in(state.takers[pid], {monitor, []}), pid)
      %{^pid => {monitor, ids}} -> put_in(state.takers[pid], {monitor, List.delete(ids, id)})
      _ -> state
    end
  end
end
