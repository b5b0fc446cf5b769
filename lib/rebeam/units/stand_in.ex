defmodule Rebeam.Units.StandIn do
  @moduledoc false
  # Stands on the main node for an actor whose process is in a unit that is a node: the child
  # that its supervisor has. OTP's supervisors are made for processes of their own node.
  #
  #   starting --> keeping --the actor ends--> ends with its reason
  #      ^            |  \--told to end--> ends the actor first, as it was told
  #      |            |--the unit, or its machine, is lost--> the first child of each supervisor
  #      |            |  crashes: one crash, for whatever it was; the others start their actors elsewhere
  #      |            \--its worker machine leaves--> ends the actor, which starts elsewhere
  #      \-- waits, for as long as there is no worker that will do
  use GenServer

  alias Rebeam.{Log, Nodes}
  alias Rebeam.Actor.Start
  alias Rebeam.Child.{Backoff, Lineage, Starter}
  alias Rebeam.Units.{Losses, Pool, Programs, Remote}

  require Logger

  @actor :"$rebeam_actor"
  # How long an actor may take to end when its machine leaves, in milliseconds.
  @leave_timeout 5_000

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
    state = %{child: child, supervisor: supervisor, order: Losses.order(), actor: nil, place: nil}

    case how do
      {:sync, _} -> begin(state)
      {:async, _} -> {:ok, state, {:continue, how}}
    end
  end

  # Where there is no worker for it yet, its supervisor goes on without it; who starts it at run time
  # was told before.
  defp begin(state) do
    case Lineage.start(&start(state, {:sync, &1}, fn -> Pool.seat(demand(state)) end)) do
      {:none, _text} -> {:ok, state, {:continue, {:async, 0}}}
      result -> started(result)
    end
  end

  @impl true
  def handle_continue({:async, delay}, %{child: {_, _, _, options}} = state) do
    Backoff.wait(options[:backoff], delay)

    case started(start(state, {:async, 0}, fn -> await_seat(state) end)) do
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
    lost = Pool.verdict(node(actor), state.place)

    # Nothing starts on a node that is emptied: its supervisor finds that out.
    if Nodes.draining?() or crash?(lost, state),
      do: {:stop, reason(lost), state},
      else: {:noreply, again(state), {:continue, {:async, 0}}}
  end

  # A supervisor whose children depend on each other has to hear of it, once for all of them.
  def handle_info({:leave, place}, %{actor: actor, place: place} = state) when actor != nil do
    end_actor(if(moved?(state), do: :machine_left, else: :shutdown), state, @leave_timeout)

    cond do
      # Who has it for a child starts it again.
      moved?(state) ->
        {:stop, :machine_left, %{state | actor: nil}}

      temporary?(state) or Nodes.draining?() ->
        {:stop, {:shutdown, "its worker machine left"}, %{state | actor: nil}}

      Lineage.strategy(state.supervisor) in [:one_for_all, :rest_for_one] and
          Losses.first?({:machine, place}, place, state.supervisor, state.order) ->
        {:stop, :machine_left, %{state | actor: nil}}

      true ->
        {:noreply, again(state), {:continue, {:async, 0}}}
    end
  end

  def handle_info({:EXIT, actor, reason}, %{actor: actor} = state), do: {:stop, reason, state}
  def handle_info(_message, state), do: {:noreply, state}

  # Its guest is here, and its supervisor elsewhere.
  defp moved?(%{child: {_, _, _, options}}), do: options[:arrives] != nil

  @impl true
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def terminate(reason, %{child: {_, _, _, options}} = state) do
    Backoff.ended(options[:backoff], reason)

    if state.actor do
      Losses.keep_no_more(state.place, state.supervisor, state.order)
      end_actor(reason, state, :infinity)
    end
  end

  defp end_actor(reason, %{actor: actor}, timeout) do
    monitor = Process.monitor(actor)
    Process.exit(actor, reason)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    after
      timeout -> Process.exit(actor, :kill)
    end
  end

  # ---- the actor -------------------------------------------------------------------------------

  defp start(%{child: {digest, module, request, options}} = state, how, seat) do
    # The back-off and the place are this process's.
    options = Keyword.drop(options, [:backoff, :place])

    with {:ok, node, place} <- seat.() do
      child = {request, options, how}

      case Remote.start_link(node, node != place, Programs.current(digest), module, child) do
        {:ok, actor} ->
          Process.put(@actor, actor)
          unless temporary?(state), do: Losses.keep(place, node, state.supervisor, state.order)
          {:ok, %{state | actor: actor, place: place}}

        # It ended before anything of the child ran there.
        {:lost, node} ->
          Pool.lost(node)
          start(state, how, seat)

        {:error, reason} ->
          {:stop, reason}

        :ignore ->
          :ignore
      end
    end
  end

  defp demand(%{child: {_, _, _, options}}), do: options[:place]

  # For as long as there is none that will do; who started it at run time does not wait for that.
  defp await_seat(%{child: {_, _, _, options}} = state) do
    case Pool.seat(demand(state)) do
      {:none, text} ->
        if options[:starter] == nil or Starter.started?(options[:starter]),
          do: wait(state, text),
          else: {:error, text}

      found ->
        found
    end
  end

  defp wait(%{child: {_, _, _, options}} = state, text) do
    Logger.warning("child #{options[:label]} waits for a worker: #{text}")
    Lineage.note(:waiting)
    request = Pool.request_seat(demand(state))
    supervisor = state.supervisor

    receive do
      {^request, seat} -> Process.demonitor(request, [:flush]) && Lineage.note(nil) && seat
      {:DOWN, ^request, _, _, reason} -> exit(reason)
      {:EXIT, ^supervisor, reason} -> exit(reason)
    end
  end

  defp started({:error, text}), do: {:stop, {:shutdown, text}}
  defp started(result), do: result

  # Whether the supervisor hears of this loss: once for each unit, of a child that it restarts.
  defp crash?(lost, state),
    do: temporary?(state) or Losses.first?(lost, state.place, state.supervisor, state.order)

  defp reason({:machine, {node, _}}), do: {:noconnection, node}
  defp reason({:unit, _node}), do: :noconnection

  defp temporary?(%{child: {_, _, _, options}}), do: options[:restart] == :temporary

  # Whoever started it at run time may still wait to be told: of the actor that is there in the end.
  defp again(state) do
    Losses.keep_no_more(state.place, state.supervisor, state.order)
    Process.delete(@actor)
    %{state | actor: nil, place: nil}
  end
end
