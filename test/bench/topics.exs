# Publications to many subscribers, in microseconds for each delivery: by a bare dispatch of Elixir's
# Registry, as Phoenix.PubSub's is, by Rebeam.Topics to Elixir processes, and to Python actors, which
# handle each; in one run. And a publication that one of many patterns matches.
#
#   test/bench/run topics 10000 1000

defmodule Bench.Topics do
  @topic "bench"

  def run([subscribers, publications]) do
    [subscribers, publications] = Enum.map([subscribers, publications], &String.to_integer/1)
    {:ok, _} = Application.ensure_all_started(:rebeam)
    script = Path.join(__DIR__, "topics.py")
    :ok = Rebeam.Python.Runtime.start([], [script])
    {:ok, _} = Registry.start_link(keys: :duplicate, name: Bench.Registry)
    deliveries = subscribers * publications

    registry =
      elixir(subscribers, publications, &Registry.register(Bench.Registry, &1, nil), &dispatch/2)

    topics =
      elixir(subscribers, publications, &Rebeam.Topics.subscribe/1, &Rebeam.Topics.publish/2)

    python = python(script, subscribers, publications)
    report("Registry.dispatch", registry, deliveries, registry)
    report("Rebeam.Topics, Elixir", topics, deliveries, registry)
    report("Rebeam.Topics, Python", python, deliveries, registry)
    patterns(10_000)
    Rebeam.Python.Ending.flush()
    Rebeam.Native.halt(0)
  end

  defp dispatch(topic, message) do
    Registry.dispatch(Bench.Registry, topic, fn entries ->
      for {pid, _} <- entries, do: send(pid, {:rebeam_topic, topic, message})
    end)
  end

  # Until the last one has all, in order; publishing alone before that.
  defp elixir(subscribers, publications, subscribe, publish) do
    bench = self()

    pids =
      for _ <- 1..subscribers do
        spawn_link(fn ->
          subscribe.(@topic)
          send(bench, :ready)
          take(0, publications)
          send(bench, :done)
        end)
      end

    for _ <- pids, do: receive(do: (:ready -> :ok))
    times(publications, publish, fn -> for _ <- pids, do: receive(do: (:done -> :ok)) end)
  end

  defp take(same, same), do: :ok

  defp take(next, publications) do
    receive do
      {:rebeam_topic, @topic, ^next} -> take(next + 1, publications)
    end
  end

  defp python(script, subscribers, publications) do
    {:ok, _} = Rebeam.Program.Script.start_link("script", script)
    until(fn -> Rebeam.whereis("counter") end)
    {:ok, nil} = Rebeam.call("counter", "begin", {subscribers, publications}, :infinity)

    times(publications, &Rebeam.Topics.publish/2, fn ->
      until(fn -> Rebeam.call("counter", "waiting", subscribers, :infinity) == {:ok, 0} end)
    end)
  end

  defp times(publications, publish, wait) do
    begin = System.monotonic_time(:microsecond)
    for n <- 0..(publications - 1), do: publish.(@topic, n)
    published = System.monotonic_time(:microsecond)
    wait.()
    {published - begin, System.monotonic_time(:microsecond) - begin}
  end

  defp until(fun) do
    fun.() || (Process.sleep(5) && until(fun))
  end

  defp patterns(number) do
    for n <- 1..number, do: Rebeam.Topics.subscribe("#{rem(n, 100)}.*.#{n}.**")

    {time, _} =
      :timer.tc(fn -> for _ <- 1..10_000, do: Rebeam.Topics.publish("7.x.107.y", nil) end)

    IO.puts("one of #{number} patterns: #{time / 10_000} us for each publication")
  end

  defp report(name, {published, all}, deliveries, {_, other}) do
    [per, published, ratio] =
      for number <- [all / deliveries, published / deliveries, all / other],
          do: number |> Float.round(3) |> to_string() |> String.pad_leading(9)

    IO.puts(
      "#{String.pad_trailing(name, 24)} #{per} us a delivery, #{published} of them to publish; #{ratio} of Registry's"
    )
  end
end

Bench.Topics.run(System.argv())
