defmodule Rebeam.Nodes.Courier do
  @moduledoc false
  # Messages on their way to whatever node, in the order in which each process sends them. Nobody
  # waits: OTP stops who sends to a node that takes nothing, or not fast enough, or that there is no
  # connection to yet.
  #
  #   deliver --the node takes it, and no message waits for it here--> sent
  #      \--else--> this server --> a process for that node, which is stopped in place of the others
  #
  # That process is there for as long as messages wait. How many do is in a table, and each sender looks
  # there first: so none overtakes another one of its own.
  use GenServer

  alias Rebeam.Native

  @table __MODULE__

  @typedoc "A process, the alias that a reference is, or a name on a node."
  @type to :: pid | reference | {atom, node}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Sends a message."
  @spec deliver(to, term) :: :ok
  def deliver(to, message) do
    node = node_of(to)
    if node == node(), do: here(to, message), else: deliver(node, to, message)
    :ok
  end

  # An actor may be reached without its process: what follows this one shall not overtake it
  # (c_src/message/mailbox.h).
  defp here(pid, message) when is_pid(pid), do: Native.mailbox_send(pid, message)

  defp here({name, _node}, message),
    do: with(pid when is_pid(pid) <- Process.whereis(name), do: here(pid, message))

  defp here(alias, message), do: send(alias, message)

  defp deliver(node, to, message) do
    unless not waiting?(node) and sent?(to, message) do
      :ets.update_counter(@table, node, 1, {node, 0})
      send(__MODULE__, {:carry, node, to, message})
    end
  end

  defp sent?(to, message), do: :erlang.send(to, message, [:nosuspend, :noconnect]) == :ok

  defp node_of({_name, node}), do: node
  defp node_of(to), do: node(to)

  @doc "Whether messages to that node wait here."
  @spec waiting?(node) :: boolean
  def waiting?(node), do: :ets.lookup(@table, node) != []

  # ---- the server ------------------------------------------------------------------------------

  # {process, number of messages that it has} of each node.
  @impl true
  def init(nil) do
    :ets.new(@table, [:named_table, :public, read_concurrency: true])
    {:ok, %{}}
  end

  @impl true
  def handle_info({:carry, node, to, message}, state) do
    {pid, count} = Map.get_lazy(state, node, fn -> {spawn_link(&carry/0), 0} end)
    send(pid, {node, to, message})
    {:noreply, Map.put(state, node, {pid, count + 1})}
  end

  # What it had may be large, and this server idle for long.
  def handle_info({:carried, node}, state) do
    if :ets.update_counter(@table, node, -1) == 0, do: :ets.delete_object(@table, {node, 0})

    case state do
      %{^node => {pid, 1}} ->
        send(pid, :over)
        {:noreply, Map.delete(state, node), :hibernate}

      %{^node => {pid, count}} ->
        {:noreply, %{state | node => {pid, count - 1}}}
    end
  end

  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  # ---- the process of a node -------------------------------------------------------------------

  defp carry do
    receive do
      {node, to, message} ->
        send(to, message)
        send(__MODULE__, {:carried, node})
        carry()

      :over ->
        :ok
    end
  end
end
