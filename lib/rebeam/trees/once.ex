defmodule Rebeam.Trees.Once do
  @moduledoc false
  # A child of which the cluster has one: `child(..., once="cluster")`. Each node's supervisor has this
  # process for it, and one of them runs the child, as long as it holds the child's name in the
  # cluster (`Rebeam.Names.Cluster`); the others stand by.
  #
  #   standing by --gets the name--> running --the child ends--> ends with its reason
  #        ^                           |  \--it is done--> ends, and so do the others
  #        \--the name is lost: the child is ended in order--/
  #
  # Where its node is emptied (`Rebeam.Moves.Drain`), the child has moved to another one, whose process
  # goes on with it: it inherits, and gets the name; the others wait until it has.
  #
  # So a supervisor is not told of a name that is lost, and starts nothing into a fight.
  use GenServer

  alias Rebeam.Child.{Lineage, Starter}
  alias Rebeam.Log
  alias Rebeam.Actor.Merge
  alias Rebeam.Message.Groups
  alias Rebeam.Names.Cluster
  alias Rebeam.Nodes
  alias Rebeam.Units.StandIn

  @actor :"$rebeam_actor"

  # How long until a claim is made again that no majority was there for, in milliseconds.
  @again 500
  # How long one that inherits has for it, in milliseconds.
  @put_off 2_000

  # `heir`: what it goes on with once it has the name.
  defstruct [:name, :start, :options, :actor, :heir]

  @type options :: %{
          label: String.t(),
          starter: Starter.t() | nil,
          shutdown: timeout | :brutal_kill,
          restart: :permanent | :transient | :temporary
        }

  @doc "`start` starts the child, linked to this process."
  @spec start_link(Cluster.name(), {module, atom, list}, options) ::
          GenServer.on_start() | :ignore
  def start_link(name, start, options) do
    case Starter.begin(options.starter) do
      :abandoned -> :ignore
      _ -> GenServer.start_link(__MODULE__, {name, start, options})
    end
  end

  @impl true
  def init({name, start, options}) do
    Process.flag(:trap_exit, true)
    Process.put(:"$process_label", options.label)
    Lineage.born(nil, options.label)
    Log.said()
    Starter.tell(options.starter, {:ok, self()})
    Groups.keep(name)
    {:ok, stand_by(%__MODULE__{name: name, start: start, options: options})}
  end

  # Another process waits for the votes, so that this one hears of its own end.
  defp stand_by(state) do
    Lineage.note(:standing_by)
    Process.delete(@actor)
    keeper = self()

    spawn_link(fn ->
      send(keeper, {:claimed, Cluster.claim(state.name, nil, "majority", keeper)})
    end)

    %{state | actor: nil}
  end

  @impl true
  def handle_info({:claimed, :ok}, %{heir: heir} = state) when heir != nil do
    Lineage.note(nil)
    state = %{state | heir: nil}
    actor = GenServer.call(heir, :keep)
    Process.put(@actor, actor)
    Cluster.point(state.name, actor)
    {:noreply, %{state | actor: heir}}
  catch
    # It ended meanwhile.
    :exit, _ -> handle_info({:claimed, :ok}, %{state | heir: nil})
  end

  def handle_info({:claimed, :ok}, state) do
    Lineage.note(nil)
    {module, function, arguments} = state.start

    case apply(module, function, arguments) do
      {:ok, pid} -> {:noreply, started(pid, state)}
      :ignore -> {:stop, :normal, state}
      {:error, reason} -> {:stop, reason, state}
    end
  end

  def handle_info({:claimed, {:error, :done}}, state), do: {:stop, :normal, state}

  def handle_info({:claimed, {:error, {:already_registered, _}}}, state) do
    Cluster.await_free(state.name)
    {:noreply, state, :hibernate}
  end

  def handle_info({:claimed, _refused}, state) do
    Process.send_after(self(), {:rebeam_free, state.name}, @again)
    {:noreply, state, :hibernate}
  end

  def handle_info({:rebeam_inherit, name, guest}, %{name: name, actor: nil} = state) do
    if node(guest) == node(),
      do: {:noreply, %{state | heir: guest}},
      else: {:noreply, put_off(state)}
  end

  # Its child has moved, and what stands for it here ends with it.
  def handle_info({:rebeam_resign, name}, %{name: name} = state) do
    Cluster.give_up(name, self())
    Process.delete(@actor)
    {:noreply, %{state | actor: nil}}
  end

  def handle_info({:rebeam_free, name}, %{name: name, actor: nil} = state) do
    if Nodes.draining?() or put_off?(),
      do: Process.send_after(self(), {:rebeam_free, name}, @again) && {:noreply, state},
      else: {:noreply, stand_by(state)}
  end

  def handle_info({:rebeam_lost, name, why}, %{name: name} = state) do
    lost(why, state)
    Cluster.give_up(name, self())
    {:noreply, stand_by(state)}
  end

  def handle_info({:EXIT, actor, reason}, %{actor: actor} = state) when actor != nil do
    if done?(reason, state.options.restart), do: Cluster.finish(state.name, self())
    {:stop, reason, %{state | actor: nil}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  defp put_off(state) do
    Process.put(__MODULE__, System.monotonic_time(:millisecond) + @put_off)
    state
  end

  defp put_off? do
    until = Process.get(__MODULE__)
    until != nil and until > System.monotonic_time(:millisecond)
  end

  defp started(pid, state) do
    actor = StandIn.actor(pid)
    Process.put(@actor, actor)
    Cluster.point(state.name, actor)
    %{state | actor: pid}
  end

  # As its supervisor sees it: no other node is to start it either.
  defp done?(_reason, :permanent), do: false
  defp done?(_reason, :temporary), do: true

  defp done?(reason, :transient),
    do: reason in [:normal, :shutdown] or match?({:shutdown, _}, reason)

  # ---- the child's end ---------------------------------------------------------------------------

  defp lost(_why, %{actor: nil}), do: :ok

  defp lost(why, state) do
    Merge.hand_over(StandIn.actor(state.actor), state.options.label, why, fn ->
      end_actor({:shutdown, Merge.text(state.options.label, why)}, state)
    end)
  end

  @impl true
  def terminate(_reason, %{actor: nil}), do: :ok
  def terminate(reason, state), do: end_actor(reason, state)

  defp end_actor(reason, %{actor: actor, options: %{shutdown: shutdown}}) do
    monitor = Process.monitor(actor)
    Process.unlink(actor)
    Process.exit(actor, if(shutdown == :brutal_kill, do: :kill, else: reason))

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    after
      if(shutdown == :brutal_kill, do: :infinity, else: shutdown) -> kill(actor, monitor)
    end
  end

  defp kill(actor, monitor) do
    Process.exit(actor, :kill)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end
end
