defmodule Rebeam.Web.History do
  @moduledoc false
  # The program in numbers, once a second, for charts: of the last minutes, and what was before that is
  # forgotten. Only where there is a dashboard.
  use GenServer

  alias Rebeam.Observe

  @period 1_000
  @kept 600

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

  @doc "The samples later than that time, the oldest first."
  @spec since(integer) :: [sample]
  def since(time), do: GenServer.call(__MODULE__, {:since, time})

  @impl true
  def init(nil) do
    send(self(), :sample)
    {:ok, :queue.new()}
  end

  @impl true
  def handle_call({:since, time}, _from, samples) do
    {:reply, for(sample <- :queue.to_list(samples), sample.time > time, do: sample), samples}
  end

  def handle_call(_request, _from, samples), do: {:reply, {:error, :not_a_call}, samples}

  @impl true
  def handle_cast(_message, samples), do: {:noreply, samples}

  @impl true
  def handle_info(:sample, samples) do
    Process.send_after(self(), :sample, @period)
    samples = :queue.in(sample(), samples)
    {:noreply, if(:queue.len(samples) > @kept, do: :queue.drop(samples), else: samples)}
  end

  def handle_info(_message, samples), do: {:noreply, samples}

  defp sample do
    Observe.info()
    |> Map.take([:actors, :rate, :load, :queue, :memory, :crashes])
    |> Map.put(:time, System.system_time(:millisecond))
  end
end
