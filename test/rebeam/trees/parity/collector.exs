defmodule Parity.Collector do
  @moduledoc false
  # Sees the children of one run start and stop, in their order, and tells each how to.
  #
  # A child calls when it starts and when it stops, and is monitored. What died without a
  # call is noticed at the next call of another: it died before, or that one would not run.
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Watches the supervisor itself."
  def watch(collector, pid), do: GenServer.call(collector, {:watch, "sup", pid})

  @doc "How the next starts of `id` go: a list of :ok and :fail, or [:slow]: from now on, each takes long and fails."
  def plan(collector, id, plan), do: GenServer.call(collector, {:plan, id, plan})

  @doc "How many milliseconds a child takes to stop."
  def linger(collector, id, time), do: GenServer.call(collector, {:linger, id, time})

  @doc "The process of `id`, the last one if it is gone."
  def pid(collector, id), do: GenServer.call(collector, {:pid, id})

  @doc "One more line."
  def note(collector, line), do: GenServer.call(collector, {:note, line})

  @doc "How many lines there are, and all lines: reasons are known once a process is gone."
  def count(collector), do: GenServer.call(collector, :count)
  def lines(collector), do: GenServer.call(collector, :lines)

  @impl true
  def init(nil) do
    {:ok, %{events: [], live: %{}, pids: %{}, reasons: %{}, plans: %{}, lingers: %{}}}
  end

  @impl true
  def handle_call({:rebeam, what, payload}, from, state) do
    {:ok, id} = Rebeam.Value.unpack(payload)
    {:reply, answer, state} = handle_call({String.to_existing_atom(what), id}, from, state)

    {:ok, packed} =
      Rebeam.Value.pack(if is_atom(answer), do: Atom.to_string(answer), else: answer)

    {:reply, {:ok, packed}, state}
  end

  def handle_call({:starting, id}, {pid, _}, state) do
    state = flush(state)

    case Map.get(state.plans, id, []) do
      [:fail | rest] ->
        {:reply, :fail, event(put_in(state.plans[id], rest), "failed #{id}")}

      # Tried again and again, nobody knows how often.
      [:slow] ->
        {:reply, :slow, state}

      rest ->
        state = put_in(state.plans[id], Enum.drop(rest, 1))
        {:reply, :ok, state |> follow(id, pid) |> event("start #{id}")}
    end
  end

  def handle_call({:stopping, id}, {pid, _}, state) do
    {:reply, Map.get(state.lingers, id, 0), state |> flush() |> stopped(pid)}
  end

  def handle_call({:watch, id, pid}, _from, state), do: {:reply, :ok, follow(state, id, pid)}

  def handle_call({:plan, id, plan}, _from, state),
    do: {:reply, :ok, put_in(state.plans[id], plan)}

  def handle_call({:linger, id, time}, _, state),
    do: {:reply, :ok, put_in(state.lingers[id], time)}

  def handle_call({:pid, id}, _from, state), do: {:reply, state.pids[id], state}
  def handle_call({:note, line}, _from, state), do: {:reply, :ok, event(state, line)}
  def handle_call(:count, _from, state), do: {:reply, length(state.events), state}

  def handle_call(:lines, _from, state) do
    lines =
      for event <- Enum.reverse(state.events) do
        case event do
          {:stop, id, pid} -> "stop #{id} #{state.reasons[pid] || "never"}"
          line -> line
        end
      end

    {:reply, lines, state}
  end

  @impl true
  def handle_info({:DOWN, monitor, :process, pid, reason}, state) do
    {:noreply, down(state, monitor, pid, reason)}
  end

  defp flush(state) do
    Enum.reduce(state.live, state, fn {pid, {monitor, _, _}}, state ->
      if Process.alive?(pid) do
        state
      else
        receive do
          {:DOWN, ^monitor, :process, _, reason} -> down(state, monitor, pid, reason)
        end
      end
    end)
  end

  defp follow(state, id, pid) do
    state = put_in(state.pids[id], pid)
    put_in(state.live[pid], {Process.monitor(pid), id, false})
  end

  defp down(state, monitor, pid, reason) do
    state = put_in(stopped(state, pid).reasons[pid], class(reason))
    {{^monitor, _, _}, state} = pop_in(state.live[pid])
    state
  end

  # Once for each process.
  defp stopped(state, pid) do
    case state.live[pid] do
      {monitor, id, false} ->
        event(put_in(state.live[pid], {monitor, id, true}), {:stop, id, pid})

      _ ->
        state
    end
  end

  defp event(state, event), do: %{state | events: [event | state.events]}

  defp class(:normal), do: "normal"
  defp class(:shutdown), do: "shutdown"
  defp class({:shutdown, _}), do: "shutdown,_"
  defp class(:killed), do: "killed"
  defp class(_), do: "crash"
end
