defmodule Rebeam.Web.History do
  @moduledoc false
  # The program in numbers, for charts: what pages were shown, of the last minutes. Nobody looks: then
  # nothing is asked for, and nothing is kept.
  use GenServer

  # In milliseconds: how long samples are kept, and how far apart they are at least, with several pages.
  @kept 600_000
  @apart 500

  @typedoc "`time` in milliseconds of the system's; the rest as `Rebeam.Observe.info/0` has it."
  @type sample :: %{
          time: integer,
          actors: non_neg_integer,
          rate: float,
          load: float,
          queue: non_neg_integer,
          memory: non_neg_integer,
          crashes: non_neg_integer
        }

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "What a page is shown now; the samples later than that time, the oldest first."
  @spec look(map, integer) :: [sample]
  def look(info, time), do: GenServer.call(__MODULE__, {:look, sample(info), time})

  defp sample(info) do
    info
    |> Map.take([:actors, :rate, :load, :queue, :memory, :crashes])
    |> Map.put(:time, System.system_time(:millisecond))
  end

  # The newest first.
  @impl true
  def init(nil), do: {:ok, []}

  @impl true
  def handle_call({:look, sample, time}, _from, samples) do
    samples = add(sample, samples)
    later = Enum.take_while(samples, &(&1.time > time))
    {:reply, Enum.reverse(later), samples}
  end

  def handle_call(_request, _from, samples), do: {:reply, {:error, :not_a_call}, samples}

  defp add(%{time: time}, [%{time: last} | _] = samples) when time - last < @apart, do: samples

  defp add(%{time: time} = sample, samples),
    do: [sample | Enum.take_while(samples, &(&1.time > time - @kept))]

  @impl true
  def handle_cast(_message, samples), do: {:noreply, samples}

  @impl true
  def handle_info(_message, samples), do: {:noreply, samples}
end
