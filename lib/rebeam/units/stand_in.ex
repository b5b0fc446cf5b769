defmodule Rebeam.Units.StandIn do
  @moduledoc false
  # Stands on the main node for an actor whose process is in a unit that is a node: the child
  # that its supervisor has. OTP's supervisors are made for processes of their own node.
  #
  #   starting --> keeping --the actor ends--> ends with its reason
  #                   |  \--told to end--> ends the actor first, as it was told
  #                   \--the unit is lost--> the first child of each supervisor crashes: one
  #                      crash, for whatever it was; the others start their actors elsewhere
  use GenServer

  alias Rebeam.Actor.Start
  alias Rebeam.Child.{Backoff, Lineage, Starter}
  alias Rebeam.Log
  alias Rebeam.Units.{Losses, Pool, Programs, Remote}

  @actor :"$rebeam_actor"

  @type child :: {digest :: String.t(), module, request :: binary, keyword}

  @doc "Starts the actor of a child in a unit, and its stand-in, linked to the caller."
  @spec start_link(child) :: GenServer.on_start()
  def start_link({_, _, _, options} = child) do
    Start.link(options, &GenServer.start_link(__MODULE__, {child, &1, self()}))
  end

  @doc "The actor of a stand-in; any other process is itself."
  @spec actor(pid) :: pid
  def actor(pid) when is_pid(pid) and node(pid) == node() do
    case Process.info(pid, :dictionary) do
      {:dictionary, dictionary} -> Keyword.get(dictionary, @actor, pid)
      nil -> pid
    end
  end

  def actor(other), do: other

  @impl true
  def init({{_, _, _, options} = child, how, supervisor}) do
    Process.flag(:trap_exit, true)
    Log.said()
    Start.begin(how, options[:label])
    state = %{child: child, supervisor: supervisor, order: Losses.order(), actor: nil}

    case how do
      {:sync, _} -> started(Lineage.start(&start(state, {:sync, &1})))
      {:async, _} -> {:ok, state, {:continue, how}}
    end
  end

  @impl true
  def handle_continue({:async, delay}, %{child: {_, _, _, options}} = state) do
    Backoff.wait(options[:backoff], delay)

    case started(start(state, {:async, 0})) do
      {:ok, state} -> {:noreply, state, :hibernate}
      {:stop, reason} -> {:stop, reason, not_started(state, reason)}
    end
  end

  defp not_started(%{child: {_, _, _, options}} = state, reason) do
    Starter.fail(options[:starter], reason)
    state
  end

  @impl true
  def handle_info({:EXIT, actor, :noconnection}, %{actor: actor} = state) do
    if crash?(state),
      do: {:stop, :noconnection, state},
      else: {:noreply, again(state), {:continue, {:async, 0}}}
  end

  def handle_info({:EXIT, actor, reason}, %{actor: actor} = state), do: {:stop, reason, state}
  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def terminate(reason, %{child: {_, _, _, options}} = state) do
    Backoff.ended(options[:backoff], reason)
    if state.actor, do: end_actor(reason, state)
  end

  defp end_actor(reason, %{actor: actor} = state) do
    Losses.keep_no_more(node(actor), state.supervisor, state.order)
    monitor = Process.monitor(actor)
    Process.exit(actor, reason)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end

  # ---- the actor -------------------------------------------------------------------------------

  defp start(%{child: {digest, module, request, options}} = state, how) do
    # The back-off is this process's.
    options = Keyword.delete(options, :backoff)

    with {:ok, {:node, node}} <- Pool.place("process") do
      case Remote.start_link(node, Programs.current(digest), module, {request, options, how}) do
        {:ok, actor} ->
          Process.put(@actor, actor)
          unless temporary?(state), do: Losses.keep(node, state.supervisor, state.order)
          {:ok, %{state | actor: actor}}

        # It ended before anything of the child ran there.
        {:lost, node} ->
          Pool.lost(node)
          start(state, how)

        {:error, reason} ->
          {:stop, reason}

        :ignore ->
          :ignore
      end
    end
  end

  defp started({:error, text}), do: {:stop, {:shutdown, text}}
  defp started(result), do: result

  # Whether the supervisor hears of this loss: once for each unit, of a child that it restarts.
  defp crash?(%{actor: actor} = state),
    do: temporary?(state) or Losses.first?(node(actor), state.supervisor, state.order)

  defp temporary?(%{child: {_, _, _, options}}), do: options[:restart] == :temporary

  # Whoever started it at run time may still wait to be told: of the actor that is there in the end.
  defp again(state) do
    Losses.keep_no_more(node(state.actor), state.supervisor, state.order)
    Process.delete(@actor)
    %{state | actor: nil}
  end
end
