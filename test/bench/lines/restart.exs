Logger.configure(level: :none)

defmodule Bench.Restart do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: :victim)
  @impl true
  def init(nil), do: {:ok, nil}
  @impl true
  def handle_call(:who, _from, state), do: {:reply, self(), state}

  @doc "The microseconds that so many percent of `count` restarts stay below."
  def percentile(percent, count) do
    {:ok, supervisor} =
      Supervisor.start_link([__MODULE__], strategy: :one_for_one, max_restarts: 1_000_000)

    taken = for _ <- 1..count, do: killed(GenServer.call(:victim, :who))
    Supervisor.stop(supervisor)
    taken |> Enum.sort() |> Enum.at(div(count * percent, 100))
  end

  defp killed(victim) do
    Bench.Turns.time(fn ->
      Process.exit(victim, :kill)
      until_another(victim)
    end)
  end

  defp until_another(victim) do
    case ask() do
      {:ok, pid} when pid != victim -> :ok
      _ -> until_another(victim)
    end
  end

  defp ask do
    {:ok, GenServer.call(:victim, :who)}
  catch
    :exit, _ -> :down
  end
end

[percent] = Enum.map(System.argv(), &String.to_integer/1)
Bench.Turns.serve(&Bench.Restart.percentile(percent, &1))
