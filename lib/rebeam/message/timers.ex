defmodule Rebeam.Message.Timers do
  @moduledoc false
  # Messages that are sent later, once or again and again, as casts.
  #
  # A timer for a process of this node is one of Erlang's own: no process stands behind it, and
  # it goes when its target does. What Erlang's timers cannot do comes through this server:
  # a target that is looked up when the timer fires, a process of another node, an interval.
  #
  # One-shot timers are nowhere in the state. Intervals are, by their reference:
  #
  #   running --time--> sent, running --cancel, or the owner's or the target's end--> gone
  #
  # Each next time is the last plus the period, so it never drifts; what is late is made up for.
  use GenServer

  alias Rebeam.{Names, Nodes}
  alias Rebeam.Message.{Payload, Post}
  alias Rebeam.Nodes.Courier

  @type target :: Names.target()
  @type message :: {:rebeam, String.t(), binary, nil, nil}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Casts `message` to `target` after that time."
  @spec send_after(non_neg_integer, target, message) :: reference
  def send_after(milliseconds, target, message) when is_pid(target) and node(target) == node() do
    :erlang.send_after(milliseconds, target, {:"$gen_cast", message})
  end

  # To the name: so it outlives this process.
  def send_after(milliseconds, target, message) do
    :erlang.send_after(milliseconds, __MODULE__, {:deliver, target, message})
  end

  @doc """
  Casts `message` to `target` after each period, in microseconds, until `owner` ends (nil: never),
  or `target` if it is a pid.
  """
  @spec send_interval(pos_integer, target, message, pid | nil) :: reference
  def send_interval(period, target, message, owner) do
    interval = %{period: period, target: target, message: message, owner: owner}
    GenServer.call(__MODULE__, {:start, interval, now()}, :infinity)
  end

  @doc "Ends a timer or an interval. Seconds that were left, nil if it is none or over."
  @spec cancel(reference) :: float | nil
  def cancel(reference) when node(reference) != node() do
    Nodes.ask(node(reference), __MODULE__, :cancel, [reference], Nodes.patience())
  catch
    # It ended with its node.
    :error, {:erpc, _} -> nil
  end

  def cancel(reference) do
    case :erlang.cancel_timer(reference) do
      false -> GenServer.call(__MODULE__, {:cancel, reference}, :infinity)
      milliseconds -> milliseconds / 1000
    end
  end

  # ---- the server ------------------------------------------------------------------------

  @impl true
  def init(nil), do: {:ok, %{}}

  @impl true
  def handle_call({:start, interval, now}, _from, intervals) do
    reference = make_ref()
    monitors = for pid <- watched(interval), do: monitor(pid, reference)
    interval = Map.merge(interval, %{monitors: monitors, at: now})
    {:reply, reference, Map.put(intervals, reference, next(reference, interval))}
  end

  def handle_call({:cancel, reference}, from, intervals) do
    case Map.pop(intervals, reference) do
      {nil, _} ->
        {:reply, nil, intervals}

      {interval, intervals} ->
        finish(interval)
        GenServer.reply(from, max(interval.at - now(), 0) / 1_000_000)
        Payload.handed_on(elem(interval.message, 2), intervals)
    end
  end

  def handle_call(_request, _from, intervals),
    do: {:reply, {:error, :not_a_rebeam_call}, intervals}

  @impl true
  def handle_cast(_message, intervals), do: {:noreply, intervals}

  @impl true
  def handle_continue(:collect, state), do: Payload.collect(state)

  @impl true
  def handle_info({:timeout, timer, reference}, intervals) do
    case intervals do
      %{^reference => %{timer: ^timer} = interval} ->
        deliver(interval.target, interval.message)
        {:noreply, %{intervals | reference => next(reference, interval)}}

      _cancelled ->
        {:noreply, intervals}
    end
  end

  def handle_info({:deliver, target, message}, intervals) do
    deliver(target, message)
    Payload.handed_on(elem(message, 2), intervals)
  end

  def handle_info({{:ended, reference}, _, :process, _, _}, intervals) do
    case Map.pop(intervals, reference) do
      {nil, _} ->
        {:noreply, intervals}

      {interval, intervals} ->
        finish(interval)
        Payload.handed_on(elem(interval.message, 2), intervals)
    end
  end

  def handle_info(_message, intervals), do: {:noreply, intervals}

  # ---- intervals -------------------------------------------------------------------------

  defp watched(%{target: target, owner: owner}) do
    Enum.uniq(for pid <- [owner, target], is_pid(pid), do: pid)
  end

  defp monitor(pid, reference), do: :erlang.monitor(:process, pid, tag: {:ended, reference})

  defp next(reference, interval) do
    at = interval.at + interval.period
    # The first whole millisecond that is not too early.
    timer = :erlang.start_timer(-Integer.floor_div(-at, 1000), self(), reference, abs: true)
    Map.merge(interval, %{at: at, timer: timer})
  end

  defp finish(interval) do
    :erlang.cancel_timer(interval.timer)
    Enum.each(interval.monitors, &Process.demonitor(&1, [:flush]))
  end

  defp now, do: System.monotonic_time(:microsecond)

  # ---- delivery --------------------------------------------------------------------------

  # Nothing here may wait: the next timers are due.
  defp deliver(target, message) when not is_pid(target) do
    case Names.find(target) do
      {:ok, pid} -> deliver(pid, message)
      {:ask, question} -> deliver_elsewhere(question, message)
      _nobody -> :ok
    end
  end

  # What is large may be copied for another node.
  defp deliver(pid, {:rebeam, _, [_ | _], _, _} = message) when node(pid) != node(),
    do: spawn(fn -> post(pid, message) end)

  defp deliver(pid, message) when is_pid(pid),
    do: Courier.deliver(pid, {:"$gen_cast", message})

  defp deliver_elsewhere(question, message) do
    spawn(fn ->
      with {:ok, pid} <- Names.ask(question, Nodes.patience(), :any), do: post(pid, message)
    end)
  end

  defp post(pid, {:rebeam, subject, payload, sender, status}),
    do: Post.cast(pid, subject, payload, sender, status)
end
