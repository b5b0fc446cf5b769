# What sixteen actors that compute, or are stuck in C, leave the others: Python's echo and the
# VM's GenServer.call, in milliseconds, beside the same without them; and how long after their
# kill their threads are free. `make bench`.

defmodule Bench.Fairness do
  @worn 16
  @seconds 4
  @patience 10_000

  defmodule Echo do
    use GenServer
    def init(nil), do: {:ok, nil}
    def handle_call(message, _from, state), do: {:reply, message, state}
  end

  def run do
    script = Path.join(__DIR__, "fairness.py")
    {:ok, _} = Application.ensure_all_started(:rebeam)
    :ok = Rebeam.Python.Runtime.start([], [script])
    {:ok, _} = Rebeam.Program.Script.start_link("script", script)
    until(fn -> Rebeam.whereis("asker") end)
    {:ok, echo} = GenServer.start_link(Echo, nil)
    measure(echo)
    row("milliseconds", ["echo p50", "echo p99", "GenServer p99", "threads free"])
    alone = measure(echo)
    row("alone", numbers(alone) ++ ["-"])
    for work <- ["while True", "ctypes sleep", "blocking recv"], do: load(work, echo, alone)
    # What was printed is on its way to the terminal.
    Process.sleep(200)
    Rebeam.Native.halt(0)
  end

  defp load(work, echo, alone) do
    {:ok, pids} = Rebeam.call("control", "start", @worn, 60_000)
    for pid <- pids, do: Rebeam.cast(pid, "go", {work, self()})
    for _ <- pids, do: receive(do: ("begun" -> :ok))
    # They are at it, and spare threads have taken over.
    Process.sleep(200)
    worn = measure(echo)
    row("#{@worn} x #{work}", numbers(worn) ++ [freed(pids, work)])
    row("  / alone", for({a, b} <- Enum.zip(worn, alone), do: number(a / b)))
  end

  # Milliseconds until no thread runs code of a dead actor.
  defp freed(pids, work) do
    begin = now()
    for pid <- pids, do: Process.exit(pid, :kill)
    # The kills are on their way: the code is not in the account at once.
    Process.sleep(5)
    if work == "blocking recv", do: Process.sleep(1_000)
    abandoned = Rebeam.info().abandoned
    text = if work == "blocking recv", do: " #{abandoned} stay; sent to: ", else: ""
    begin = if work == "blocking recv", do: now(), else: begin
    Rebeam.call("control", "release", nil, 60_000)
    free? = fn -> Rebeam.info().abandoned == 0 and Rebeam.info().detached == 0 end
    if until(free?), do: text <> number(now() - begin), else: text <> "not in #{@patience}"
  end

  # [echo p50, echo p99, GenServer.call p99], in milliseconds.
  defp measure(echo) do
    elixir = Task.async(fn -> ask(echo, now() + @seconds * 1000, []) end)
    {:ok, python} = Rebeam.call("asker", "measure", @seconds, :infinity)
    python = Enum.map(python, &(&1 * 1000))
    elixir = Task.await(elixir, :infinity)
    [percentile(python, 50), percentile(python, 99), percentile(elixir, 99)]
  end

  defp ask(echo, stop, took) do
    begin = now()
    ^begin = GenServer.call(echo, begin)
    took = [now() - begin | took]
    Process.sleep(1)
    if begin < stop, do: ask(echo, stop, took), else: took
  end

  defp percentile(values, percent) do
    values |> Enum.sort() |> Enum.at(div(length(values) * percent, 100))
  end

  defp until(fun, stop \\ nil) do
    stop = stop || now() + @patience
    fun.() || (now() < stop and (Process.sleep(1) == :ok and until(fun, stop)))
  end

  defp now, do: System.monotonic_time(:microsecond) / 1000

  defp numbers(values), do: Enum.map(values, &number/1)
  defp number(value), do: :erlang.float_to_binary(value, decimals: 2)

  defp row(name, columns) do
    IO.puts([String.pad_trailing(name, 26) | Enum.map(columns, &String.pad_leading(&1, 15))])
  end
end

Bench.Fairness.run()
