# What a start takes, an end, and what an actor takes in memory while it waits or is suspended, beside a
# DynamicSupervisor of GenServers and asyncio's tasks with a queue each, all in one VM, in turns:
#     test/bench/run start [ACTORS]
# Medians of so many rounds; memory of the first round, as nothing gives all of it back.
rounds = 3
[count] = System.argv()
count = String.to_integer(count)

defmodule Peer do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, nil)
  @impl true
  def init(nil), do: {:ok, nil, :hibernate}
end

{:ok, _} = Application.ensure_all_started(:rebeam)
{:ok, _} = Rebeam.start_link(script: Path.expand("start.py", __DIR__))

Enum.find(Stream.repeatedly(fn -> Process.sleep(10) && Rebeam.whereis("bench") end), & &1)

resident = fn ->
  [_, pages | _] = "/proc/self/statm" |> File.read!() |> String.split()
  String.to_integer(pages) * 4096
end

ask = fn subject, message ->
  {:ok, answer} = Rebeam.call("bench", subject, message, :infinity)
  answer
end

seconds = fn fun ->
  {microseconds, _} = :timer.tc(fun)
  microseconds / 1_000_000
end

held = fn fun ->
  before = resident.()
  result = fun.()
  Process.sleep(500)
  {result, resident.() - before}
end

python = fn how ->
  {taken, size} = held.(fn -> ask.("start", [how, count]) end)
  {taken, size}
end

# Each gives `{name, seconds or nil, bytes or nil}` of so many.
round = fn ->
  {:ok, supervisor} = DynamicSupervisor.start_link(strategy: :one_for_one)

  {taken, size} =
    held.(fn ->
      seconds.(fn ->
        for _ <- 1..count, do: {:ok, _} = DynamicSupervisor.start_child(supervisor, Peer)
      end)
    end)

  peers = [{"GenServers", taken, size}]
  ends = seconds.(fn -> Supervisor.stop(supervisor) end)
  peers = [{"GenServers, ended", ends, nil} | peers]
  {taken, size} = ask.("asyncio", count)
  peers = [{"asyncio's tasks", taken, size} | peers]

  ours =
    for how <- ["one by one", "many", "instances"], reduce: [] do
      before ->
        {taken, size} = python.(how)
        started = {"actors, " <> how, taken, size}

        suspended =
          if how == "many" do
            {_, more} = held.(fn -> ask.("suspend", nil) end)
            [{"actors, suspended", nil, size + more}]
          else
            []
          end

        {taken, ^count} = ask.("end", nil)
        ended = if how == "one by one", do: [{"actors, ended", taken, nil}], else: []
        ended ++ suspended ++ [started | before]
    end

  functions = {"functions", ask.("start", ["functions", count]), nil}
  Enum.reverse([functions | ours ++ peers])
end

results = for _ <- 1..rounds, do: round.()
median = fn list -> list |> Enum.sort() |> Enum.at(div(length(list), 2)) end

lines =
  for {name, taken, _} <- hd(results) do
    times = for round <- results, {^name, taken, _} <- round, taken, do: taken
    {_, _, size} = List.keyfind(hd(results), name, 0)
    {name, taken && median.(times), size}
  end

{_, beam, _} = List.keyfind(lines, "GenServers", 0)
{_, tasks, _} = List.keyfind(lines, "asyncio's tasks", 0)

IO.puts(
  "#{String.pad_trailing("#{count} of each", 24)}   per second  of GenServers  of asyncio  bytes of each"
)

for {name, taken, size} <- lines do
  cell = fn text, width -> text |> to_string() |> String.pad_leading(width) end

  ratio = fn base ->
    if taken, do: :erlang.float_to_binary(base / taken, decimals: 2), else: ""
  end

  IO.puts([
    String.pad_trailing(name, 24),
    cell.(taken && round(count / taken), 13),
    cell.(ratio.(beam), 15),
    cell.(ratio.(tasks), 12),
    cell.(size && div(size, count), 15)
  ])
end

System.halt(0)
