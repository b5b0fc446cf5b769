defmodule Rebeam.Moves.Guest do
  @moduledoc false
  # Keeps an actor that came from another node: the process that is its supervisor here. Its own
  # supervisor is where it came from, and has the process that stands for it there
  # (`Rebeam.Actor.Moved`), the root.
  #
  #   waiting --its state--> starting --taken--> keeping --the actor ends--> ends
  #      \--not needed          \--whoever gave the state is gone: kills it, nobody has used it
  #
  #   keeping --the root is told to end--> ends the actor, as that was told
  #      |   \--the root is killed, or its node is lost--> ends it: who restarts it is there, or gone
  #      \--told to adopt it, as that node is emptied--> its supervisor from now on
  #
  #   adopted --the root is gone--> the actor takes its names, keys, groups and subscriptions
  #          \--it fails--> starts it again as it came, by what its specification said, within OTP's
  #                         own bound; it is told that with its @start
  use GenServer, restart: :temporary

  alias Rebeam.{Actor, StateMachine, Units}
  alias Rebeam.Actor.{Moved, Moving}
  alias Rebeam.Message.Loans
  alias Rebeam.Moves.Program
  alias Rebeam.Names.Global
  alias Rebeam.{Nodes, Units.StandIn}
  alias Rebeam.Registry.Access

  require Logger

  # Restarts in so many milliseconds: OTP's default.
  @restarts 3
  @period 5_000

  # How long a name may be another's yet, and how often it is asked for, in milliseconds.
  @names 15_000
  @again 20

  # `adopted`: nil, :here if this process restarts it, :kept if another one does, which is :promised
  # before.
  defstruct [:description, :digest, :actor, :child, :watched, :luggage, :given, :belongings] ++
              [adopted: nil, rooted?: true, restarts: []]

  @typedoc """
  What others know an actor by, besides its process; and how it is started again: as it was, or by who
  keeps it as the one in the cluster.
  """
  @type belongings :: %{
          names: [{String.t(), split :: String.t()}],
          keys: [{Access.place(), [term]}],
          groups: [String.t()],
          topics: [{String.t(), Rebeam.Topics.Server.terms()}],
          restart: :permanent | :transient | :temporary | :kept
        }

  @doc """
  On the node that it comes to: a process that waits for its state. With belongings it adopts the actor
  when that is there.
  """
  @spec start(Moving.description(), belongings | nil) :: {:ok, pid} | {:error, String.t()}
  def start(description, belongings) do
    with false <- Nodes.draining?(),
         {:ok, digest} <- Program.digest(description.isolation),
         argument = {description, digest, belongings},
         {:ok, pid} <- DynamicSupervisor.start_child(Rebeam.Moves.Guests, {__MODULE__, argument}) do
      {:ok, pid}
    else
      true -> {:error, "it is being emptied itself"}
      {:error, text} when is_binary(text) -> {:error, text}
      {:error, reason} -> {:error, inspect(reason)}
    end
  end

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument)

  @impl true
  def init({description, digest, belongings}) do
    Process.flag(:trap_exit, true)
    Process.put(:"$process_label", description.label)
    watched = Process.monitor(description.pid)
    state = %__MODULE__{description: description, digest: digest, watched: watched}
    {:ok, adopt(belongings, state)}
  end

  defp adopt(nil, state), do: state

  defp adopt(%{restart: :kept} = belongings, state),
    do: %{state | belongings: belongings, adopted: :promised}

  defp adopt(belongings, state), do: %{state | belongings: belongings, adopted: :here}

  @impl true
  def handle_info({Moving, :nothing}, %{child: nil} = state), do: {:stop, :normal, state}

  def handle_info({Moving, :state, {giver, tag}, given, luggage}, state) do
    Process.demonitor(state.watched, [:flush])
    state = %{state | watched: Process.monitor(giver), luggage: luggage}

    with {:ok, given} <- Loans.take(given),
         {:ok, state} <- start_actor(given, luggage, state) do
      send(giver, {tag, {:ok, state.actor}})
      {:noreply, %{state | given: if(state.adopted == :here, do: given)}}
    else
      {:error, text} ->
        send(giver, {tag, {:error, text}})
        {:stop, :normal, state}
    end
  end

  def handle_info({Moving, :taken}, %{luggage: %{root: root}} = state) do
    Process.demonitor(state.watched, [:flush])
    if state.adopted, do: send(root, {Moved, :adopted})
    {:noreply, %{state | watched: Process.monitor(root)}, :hibernate}
  end

  def handle_info({Moved, :adopt, belongings}, state),
    do: {:noreply, adopt(belongings, state)}

  def handle_info({Moved, :end, reason}, state) do
    Process.exit(state.child, reason)
    {:noreply, state}
  end

  def handle_info({:DOWN, monitor, _, pid, reason}, %{watched: monitor} = state),
    do: gone(pid, reason, state)

  def handle_info({:EXIT, child, reason}, %{child: child} = state),
    do: ended(reason, %{state | child: nil})

  def handle_info(:promised, %{adopted: :promised, child: child} = state) when child != nil do
    Process.exit(child, {:shutdown, "nobody keeps it here, as the one in the cluster"})
    {:noreply, state}
  end

  # Who keeps it in place of its supervisor (Rebeam.Trees.Once).
  def handle_info({:EXIT, _keeper, reason}, state), do: {:stop, reason, state}
  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def handle_call(:keep, {keeper, _}, state) do
    Process.link(keeper)
    {:reply, state.actor, %{state | adopted: :kept}}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, %{child: nil}), do: :ok

  def terminate(reason, %{child: child}) do
    monitor = Process.monitor(child)
    Process.exit(child, reason)

    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    end
  end

  # ---- the root ------------------------------------------------------------------------------------

  defp gone(_pid, _reason, %{child: nil, rooted?: true} = state), do: {:stop, :normal, state}

  # The one that gave its state, and was not told that it is here.
  defp gone(pid, _reason, %{luggage: %{root: root}} = state) when pid != root, do: kill(state)
  defp gone(_root, :killed, %{adopted: nil} = state), do: kill(state)

  defp gone(root, reason, %{adopted: nil} = state) do
    Process.exit(state.child, {:shutdown, why(root, reason)})
    {:noreply, state}
  end

  defp gone(_root, _reason, state) do
    if state.adopted == :promised, do: Process.send_after(self(), :promised, @names)
    {:noreply, settled(%{state | rooted?: false})}
  end

  defp kill(state) do
    Process.exit(state.child, :kill)
    {:noreply, state}
  end

  defp why(root, :noconnection), do: "the node of its supervisor is gone: #{node(root)}"
  defp why(_root, _reason), do: "what stood for it where it came from has ended"

  defp settled(%{belongings: %{} = belongings, actor: actor} = state) do
    luggage = %{state.luggage | root: actor, before: []}
    send(actor, {Moving, :settle, luggage, belongings.groups, belongings.topics})

    for {name, split} <- belongings.names,
        do: spawn(fn -> take(name, actor, split, now() + @names) end)

    spawn(fn -> Enum.each(belongings.keys, &take_key(&1, actor)) end)
    state
  end

  defp settled(state), do: state

  defp take_key({{registry, _, _, _}, _} = entry, actor) do
    with {:error, why} <- Access.take(entry, actor) do
      Logger.error(
        "#{inspect(actor)} did not get a key of the registry #{inspect(registry)}: #{why}"
      )
    end
  end

  # Its node may not be known to be gone yet.
  defp take(name, actor, split, deadline) do
    case Global.register_here(name, actor, split) do
      :ok ->
        :ok

      {:error, why} ->
        cond do
          Nodes.alive(actor) == false ->
            :ok

          now() > deadline ->
            Logger.error(
              "#{inspect(actor)} did not get its name #{inspect(name)}: #{inspect(why)}"
            )

          true ->
            Process.sleep(@again)
            take(name, actor, split, deadline)
        end
    end
  end

  defp now, do: System.monotonic_time(:millisecond)

  # ---- its actor -----------------------------------------------------------------------------------

  defp ended(reason, %{adopted: :kept} = state), do: {:stop, reason, state}

  defp ended(reason, %{adopted: :here, given: given} = state) when given != nil do
    cond do
      Nodes.draining?() or not again?(state.belongings.restart, reason) -> {:stop, :normal, state}
      too_many?(state) -> give_up(state)
      true -> again(state)
    end
  end

  defp ended(_reason, state), do: {:stop, :normal, state}

  defp again?(:permanent, _reason), do: true
  defp again?(:temporary, _reason), do: false
  defp again?(:transient, reason) when reason in [:normal, :shutdown], do: false
  defp again?(:transient, {:shutdown, _}), do: false
  defp again?(:transient, _reason), do: true

  defp too_many?(state), do: length(recent(state)) >= @restarts
  defp recent(state), do: Enum.filter(state.restarts, &(&1 > now() - @period))

  defp give_up(state) do
    Logger.error("#{state.description.label} is not started again: it fails too often")
    {:stop, :normal, state}
  end

  defp again(state) do
    state = %{state | restarts: [now() | recent(state)]}

    case start_actor(state.given, Map.put(state.luggage, :starts?, true), state) do
      {:ok, state} -> {:noreply, if(state.rooted?, do: state, else: settled(state))}
      {:error, text} -> Logger.error("#{state.description.label}: #{text}") && again_failed(state)
    end
  end

  defp again_failed(state), do: if(too_many?(state), do: give_up(state), else: again(state))

  defp start_actor(payload, luggage, %{description: description} = state) do
    options = [
      kind: :actor,
      label: description.label,
      thread: description.thread,
      restart: :temporary,
      arrives: luggage
    ]

    case start_in(description, state.digest, payload, options) do
      {:ok, child} ->
        actor = StandIn.actor(child)
        # As who has it for a child finds it.
        Process.put(:"$rebeam_actor", actor)
        {:ok, %{state | child: child, actor: actor}}

      {:error, {:shutdown, text}} when is_binary(text) ->
        {:error, text}

      {:error, reason} ->
        {:error, inspect(reason)}

      :ignore ->
        {:error, "it was not started"}
    end
  end

  defp start_in(%{isolation: isolation, module: module}, digest, payload, options)
       when module in [Actor, StateMachine],
       do: Units.start_link(isolation, digest, module, payload, options)
end
