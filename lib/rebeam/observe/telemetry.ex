defmodule Rebeam.Observe.Telemetry do
  @moduledoc false
  # Events for `:telemetry`, where an application has that; of the whole program, on its main node:
  #
  #   [:rebeam, :program]  every ten seconds; measurements: actors, running, waiting, queue, messages,
  #                        rate, load, memory, crashes; metadata: node
  #   [:rebeam, :class]    the same of each class of actors; measurements: count, running, waiting,
  #                        queue, messages, rate, load, busy; metadata: class, kind, units, node
  #   [:rebeam, :crash]    each crash of an actor; measurements: system_time; metadata: actor, pid,
  #                        reason, traceback, work, subject, node
  use GenServer

  alias Rebeam.Log.Crashes
  alias Rebeam.{Nodes, Observe}

  @period 10_000
  @measured ~w(actors running waiting queue messages rate load memory crashes)a
  @measured_of_class ~w(count running waiting queue messages rate load busy)a
  @told_of_crash ~w(pid reason traceback work subject)a

  def start_link(_), do: GenServer.start_link(__MODULE__, nil)

  @impl true
  def init(nil) do
    if Nodes.main?() do
      Crashes.watch()
      measure_soon()
    end

    {:ok, nil, :hibernate}
  end

  # Whoever asks may have to wait for units; handlers are the user's.
  @impl true
  def handle_info(:measure, nil) do
    if there?(), do: measure()
    measure_soon()
    {:noreply, nil, :hibernate}
  end

  def handle_info({Crashes, crash}, nil) do
    if there?() do
      metadata = Map.merge(Map.take(crash, @told_of_crash), %{actor: crash.who, node: node()})
      time = System.convert_time_unit(crash.last, :microsecond, :native)
      tell(:crash, %{system_time: time}, metadata)
    end

    {:noreply, nil, :hibernate}
  end

  def handle_info(_message, nil), do: {:noreply, nil}

  defp measure_soon, do: Process.send_after(self(), :measure, @period)

  defp there?, do: function_exported?(:telemetry, :execute, 3)

  # The module is not known where this is compiled.
  defp tell(name, measurements, metadata),
    do: apply(:telemetry, :execute, [[:rebeam, name], measurements, metadata])

  defp measure do
    info = Observe.info()
    tell(:program, Map.take(info, @measured), %{node: info.node})

    for class <- Observe.classes() do
      metadata = Map.put(Map.take(class, [:class, :kind, :units]), :node, info.node)
      tell(:class, Map.take(class, @measured_of_class), metadata)
    end
  end

  @impl true
  def handle_call(_request, _from, nil), do: {:reply, {:error, :not_a_rebeam_call}, nil}

  @impl true
  def handle_cast(_message, nil), do: {:noreply, nil}
end
