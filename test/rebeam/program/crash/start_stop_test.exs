defmodule Rebeam.Program.Crash.StartStopTest do
  # The application stops and starts again and again in one VM, with Python in use: CPython
  # stays, all else goes, and nothing is left each time.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors "program/crash/start_stop/start_stop_actors.py"

  # One cycle; then what is there once all has ended.
  @code """
  [cycles] = System.argv() |> Enum.map(&String.to_integer/1)
  Logger.configure(level: :none)
  python = System.fetch_env!("PYTHON_UNDER_TEST")
  Application.put_env(:rebeam, :python, python)
  Process.flag(:trap_exit, true)

  start = fn name ->
    {:ok, pid} = Rebeam.GenPy.start_link({"actors", "Worker", [name]}, path: "python")
    pid
  end

  # Two end with the application, four are busy in their ways; another goes before.
  cycle = fn n ->
    {:ok, _} = Application.ensure_all_started(:rebeam)
    pids = for each <- ~w(a b c d e), do: start.(each)
    {:ok, 84} = Rebeam.call("a", "ask", ["b", 42])
    kinds = ["wait", "wait on a thread", "wait in asyncio"] ++ if(rem(n, 10) == 0, do: ["compute"], else: [])
    for {name, kind} <- Enum.zip(~w(b c d e), kinds), do: true = Rebeam.cast(name, kind, nil)
    {:ok, true} = Rebeam.call("a", "begun", length(kinds), 30_000)
    if rem(n, 3) == 0, do: GenServer.stop(hd(pids))
    :ok = Application.stop(:rebeam)
    for pid <- pids, do: Process.exit(pid, :kill)
    for pid <- pids do
      receive do
        {:EXIT, ^pid, _} -> :ok
      end
    end
  end

  figures = fn ->
    Enum.each(Process.list(), &:erlang.garbage_collect/1)
    status = File.read!("/proc/self/status")
    [_, rss] = Regex.run(~r/VmRSS:\\s+(\\d+)/, status)
    Map.merge(Map.take(Rebeam.Native.counts(), [:actors, :suspended, :blocked, :handles, :abandoned, :queued]), %{
      rss: String.to_integer(rss),
      threads: length(File.ls!("/proc/self/task")),
      files: length(File.ls!("/proc/self/fd")),
      processes: length(Process.list()),
      atoms: :erlang.system_info(:atom_count),
      ets: length(:ets.all())
    })
  end

  settled = fn ->
    wait_until(fn ->
      now = figures.()
      if now.actors + now.abandoned + now.suspended + now.queued == 0 and now.handles <= 2, do: now
    end)
  end

  warm = div(cycles, 5)
  for n <- 1..warm, do: cycle.(n)
  before = settled.()
  for n <- 1..(cycles - warm), do: cycle.(n)
  later = settled.()
  for {key, value} <- before, do: IO.puts("\#{key} \#{value} \#{later[key]}")
  # And Python still works.
  cycle.(1)
  IO.puts("over")
  System.halt(0)
  """

  defp cycles(number) do
    folder = Program.folder(%{"python/actors.py" => @actors})
    code = "System.argv([\"#{number}\"])\n" <> @code
    result = Program.elixir(code, cd: folder, limit: 580)
    assert %{status: 0} = result, result.err
    lines = String.split(result.out, "\n", trim: true)
    assert List.last(lines) == "over"

    figures =
      for line <- Enum.drop(lines, -1), into: %{} do
        [key, before, later] = String.split(line)
        {key, {String.to_integer(before), String.to_integer(later)}}
      end

    for key <- ~w(actors suspended blocked handles abandoned queued files processes atoms ets) do
      {before, later} = figures[key]
      assert {key, later} == {key, before}, inspect(figures)
    end

    # Threads are kept for later, some more or fewer each time. KiB.
    {before, later} = figures["threads"]
    assert later <= before + 4, inspect(figures)
    {before, later} = figures["rss"]
    assert later - before < 8_192, inspect(figures)
  end

  @tag timeout: 600_000
  @tag :resident
  @tag :large
  test "1,000 cycles leave nothing", do: cycles(1_000)
end
