defmodule Rebeam.Observe.Telemetry do
  @moduledoc false
  # Events for `:telemetry`, where an application has that:
  #
  #   [:rebeam, :program]  every ten seconds; measurements: actors, running, waiting, queue, messages,
  #                        rate, load, memory, crashes; metadata: node
  use GenServer

  alias Rebeam.{Nodes, Observe}

  @period 10_000
  @measured ~w(actors running waiting queue messages rate load memory crashes)a

  def start_link(_), do: GenServer.start_link(__MODULE__, nil)

  @impl true
  def init(nil) do
    if Nodes.main?(), do: measure_soon()
    {:ok, nil, :hibernate}
  end

  # Whoever asks may have to wait for units; handlers are the user's.
  @impl true
  def handle_info(:measure, nil) do
    if function_exported?(:telemetry, :execute, 3), do: measure()
    measure_soon()
    {:noreply, nil, :hibernate}
  end

  def handle_info(_message, nil), do: {:noreply, nil}

  defp measure_soon, do: Process.send_after(self(), :measure, @period)

  # The module is not known where this is compiled.
  defp measure do
    info = Observe.info()
    event = [[:rebeam, :program], Map.take(info, @measured), %{node: info.node}]
    apply(:telemetry, :execute, event)
  end

  @impl true
  def handle_call(_request, _from, nil), do: {:reply, {:error, :not_a_rebeam_call}, nil}

  @impl true
  def handle_cast(_message, nil), do: {:noreply, nil}
end
