defmodule Bench.Publish do
  @subscribers 1000

  def measure(count) do
    publications = max(div(count, @subscribers), 1)
    bench = self()
    pids = for _ <- 1..@subscribers, do: spawn_link(fn -> subscriber(bench, publications) end)
    for _ <- pids, do: receive(do: (:ready -> :ok))

    taken =
      Bench.Turns.time(fn ->
        for n <- 1..publications, do: dispatch(n)
        for _ <- pids, do: receive(do: (:done -> :ok))
      end)

    taken / (publications * @subscribers)
  end

  defp subscriber(bench, publications) do
    Registry.register(__MODULE__, "bench", nil)
    send(bench, :ready)
    for n <- 1..publications, do: receive(do: (^n -> :ok))
    send(bench, :done)
  end

  defp dispatch(message) do
    Registry.dispatch(__MODULE__, "bench", fn entries ->
      for {pid, _} <- entries, do: send(pid, message)
    end)
  end
end

{:ok, _} = Registry.start_link(keys: :duplicate, name: Bench.Publish)
Bench.Turns.serve(&Bench.Publish.measure/1)
