defmodule Rebeam.Observe.Survey do
  @moduledoc false
  # What all actors of this VM are at, and what they did lately (c_src/actor/survey.h). It needs
  # neither the GIL nor their processes.
  #
  #   nobody looks: nothing is kept
  #   somebody looks --> earlier, current: who asks gets both; after half a second a new one is taken
  #
  # What is "lately" is for all who look the same: since the survey before the last one.
  use GenServer

  alias Rebeam.Native

  # How old the last one may be, in milliseconds; how long the first look waits for something to
  # compare with; after how long one is too old for that, or forgotten.
  @fresh 500
  @first 250
  @old 10_000

  @typedoc "A survey, the one before, and the seconds between them."
  @type t :: {current :: reference | nil, earlier :: reference | nil, float}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The present one of this node, and the one before. It may take a quarter of a second."
  @spec get :: t
  def get, do: GenServer.call(__MODULE__, :get)

  @doc "The last one, or a new one if that is not fresh: without one before."
  @spec recent :: reference
  def recent, do: GenServer.call(__MODULE__, :recent)

  @impl true
  def init(nil), do: {:ok, %{current: nil, earlier: nil, taken: nil, asking: [], forget: nil}}

  @impl true
  # Before Python is started there is nothing to see.
  def handle_call(:get, from, state) do
    if Native.loaded?(),
      do: look(from, remember(state)),
      else: {:reply, {nil, nil, 1.0}, state}
  end

  # It is none to be compared with, as it may be too young.
  def handle_call(:recent, _from, state) do
    if age(state) <= @fresh,
      do: {:reply, state.current, state},
      else: {:reply, Native.survey_take(), state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  defp look(from, state) do
    case age(state) do
      age when age > @old ->
        Process.send_after(self(), :second, @first)
        {:noreply, %{take(state) | earlier: nil, asking: [from]}}

      _ when state.earlier == nil ->
        {:noreply, %{state | asking: [from | state.asking]}}

      age when age > @fresh ->
        state = take(state)
        {:reply, pair(state), state}

      _ ->
        {:reply, pair(state), state}
    end
  end

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info(:second, state) do
    state = take(state)
    for from <- state.asking, do: GenServer.reply(from, pair(state))
    {:noreply, %{state | asking: []}}
  end

  def handle_info({:timeout, timer, :forget}, %{forget: timer} = state),
    do: {:noreply, %{state | current: nil, earlier: nil, taken: nil, forget: nil}, :hibernate}

  def handle_info(_message, state), do: {:noreply, state}

  defp take(state),
    do: %{state | earlier: state.current, current: Native.survey_take(), taken: now()}

  defp pair(%{current: current, earlier: earlier}),
    do: {current, earlier, Native.survey_between(current, earlier) / 1.0e9}

  # A survey of 100,000 actors has ten megabytes.
  defp remember(state) do
    if state.forget, do: :erlang.cancel_timer(state.forget)
    %{state | forget: :erlang.start_timer(@old, self(), :forget)}
  end

  defp age(%{taken: nil}), do: :infinity
  defp age(%{taken: taken}), do: now() - taken

  defp now, do: System.monotonic_time(:millisecond)
end
