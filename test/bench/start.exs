# What a start and an end take, beside a DynamicSupervisor of GenServers and asyncio's tasks with a queue
# each, all in one VM, in turns; then what one of each holds, in a VM of its own:
#     test/bench/run start [COUNT]
# Medians of so many rounds.
rounds = 3

defmodule Peer do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, nil)
  @impl true
  def init(nil), do: {:ok, nil, :hibernate}
end

{:ok, _} = Application.ensure_all_started(:rebeam)
{:ok, _} = Rebeam.start_link(script: Path.expand("start.py", __DIR__))

until = fn condition ->
  Enum.find(Stream.repeatedly(fn -> Process.sleep(10) && condition.() end), & &1)
end

until.(fn -> Rebeam.whereis("bench") end)

ask = fn subject, message ->
  {:ok, answer} = Rebeam.call("bench", subject, message, :infinity)
  answer
end

seconds = fn fun -> (fun |> :timer.tc() |> elem(0)) / 1_000_000 end

peers = fn count ->
  {:ok, supervisor} = DynamicSupervisor.start_link(strategy: :one_for_one)
  for _ <- 1..count, do: {:ok, _} = DynamicSupervisor.start_child(supervisor, Peer)
  supervisor
end

resident = fn ->
  [_, pages | _] = "/proc/self/statm" |> File.read!() |> String.split()
  String.to_integer(pages) * 4096
end

# What it takes, and then the end of as many.
start = fn
  "GenServers", count ->
    {seconds.(fn -> Process.put(:peers, peers.(count)) end),
     seconds.(fn -> Supervisor.stop(Process.get(:peers)) end)}

  "asyncio's tasks", count ->
    {ask.("asyncio", count), nil}

  "functions", count ->
    {ask.("start", ["functions", count]), nil}

  "actors, " <> how, count ->
    {ask.("start", [how, count]), ask.("end", count)}
end

hold = fn
  "GenServers", count -> peers.(count)
  "asyncio's tasks", count -> ask.("hold", count)
  "actors, suspended", count -> ask.("start", ["many", count]) && ask.("suspend", count)
  "actors, " <> how, count -> ask.("start", [how, count])
end

cell = fn text, width -> text |> to_string() |> String.pad_leading(width) end

ratio = fn taken, base ->
  if taken, do: :erlang.float_to_binary(base / taken, decimals: 2), else: ""
end

case System.argv() do
  [count] ->
    count = String.to_integer(count)

    names = [
      "GenServers",
      "asyncio's tasks",
      "actors, one by one",
      "actors, many",
      "actors, instances",
      "functions"
    ]

    results = for _ <- 1..rounds, do: Map.new(names, &{&1, start.(&1, count)})

    median = fn name, which ->
      times = for result <- results, taken = elem(result[name], which), do: taken
      times |> Enum.sort() |> Enum.at(div(length(times), 2))
    end

    [beam, tasks, ends] = [
      median.("GenServers", 0),
      median.("asyncio's tasks", 0),
      median.("GenServers", 1)
    ]

    IO.puts([
      String.pad_trailing("#{count} of each", 22),
      "  started/s  of GenServers  of asyncio    ended/s  of GenServers"
    ])

    for name <- names, {taken, ended} = {median.(name, 0), median.(name, 1)} do
      IO.puts([
        String.pad_trailing(name, 22),
        cell.(round(count / taken), 11),
        cell.(ratio.(taken, beam), 15),
        cell.(ratio.(taken, tasks), 12),
        cell.(ended && round(count / ended), 11),
        cell.(ratio.(ended, ends), 15)
      ])
    end

  ["memory", name, count] ->
    count = String.to_integer(count)
    before = resident.()
    hold.(name, count)
    Process.sleep(1_000)
    size = div(resident.() - before, count)
    IO.puts([String.pad_trailing(name, 22), cell.("#{size} bytes each", 20)])
end

System.halt(0)
