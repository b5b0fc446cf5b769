# Runs in a VM of its own: every row of the table on every side, and writes down what was
# observed. Arguments: the folder with main.py, and where to write.
folder = Path.dirname(__ENV__.file)

for file <- ~w(collector elixir_side python_side table),
    do: Code.require_file("#{file}.exs", folder)

defmodule Parity.Run do
  alias Parity.Collector

  # Until what is expected was observed, in milliseconds. What is wrong takes that long.
  @limit 10_000
  # How long to look for what must not happen.
  @quiet 25

  def row({_name, tree, steps}, side, begin) do
    {:ok, collector} = Collector.start_link()
    run = %{collector: collector, module: side, state: begin.(collector)}
    {first, steps} = List.pop_at(steps, 0)
    run = step(first, run, tree)
    Enum.reduce(steps, run, &step(&1, &2, tree))
    Process.sleep(2 * @quiet)
    lines = Collector.lines(collector)
    GenServer.stop(collector)
    lines
  end

  defp step({action, expected}, run, tree) do
    before = Collector.count(run.collector)
    run = act(action, run, tree)
    await(run.collector, before + length(expected), @limit)
    Process.sleep(@quiet)
    run
  end

  defp await(_collector, _count, left) when left <= 0, do: :ok

  defp await(collector, count, left) do
    unless Collector.count(collector) >= count do
      Process.sleep(5)
      await(collector, count, left - 5)
    end
  end

  defp act(:start, run, tree) do
    {word, state} = run.module.start(run.state, tree)
    Collector.note(run.collector, "started: #{word}")
    if word == "ok", do: Collector.watch(run.collector, state.sup)
    %{run | state: state}
  end

  defp act({:plan, id, plan}, run, _), do: also(run, Collector.plan(run.collector, id, plan))
  defp act({:linger, id, time}, run, _), do: also(run, Collector.linger(run.collector, id, time))
  defp act({:sleep, time}, run, _), do: also(run, Process.sleep(time))
  defp act({:exit, id, reason}, run, _), do: also(run, Process.exit(pid(run, id), reason))
  defp act({:crash, id}, run, _), do: also(run, run.module.crash(run.state, pid(run, id)))
  defp act({:finish, id}, run, _), do: also(run, run.module.finish(run.state, pid(run, id)))

  defp act(:shutdown, run, _) do
    run.module.shutdown(run.state)
    run
  end

  defp act({:start_child, child}, run, _),
    do: note(run, "start_child", run.module.start_child(run.state, child))

  defp act({:terminate, id}, run, _),
    do: note(run, "terminate", run.module.terminate(run.state, id, pid(run, id) || self()))

  defp act({:restart, id}, run, _), do: note(run, "restart", run.module.restart(run.state, id))
  defp act({:delete, id}, run, _), do: note(run, "delete", run.module.delete(run.state, id))

  defp act(:which, run, _) do
    note(run, "which", run.state |> run.module.which() |> Enum.sort() |> Enum.join(", "))
  end

  defp act(:count, run, _), do: note(run, "count", Enum.join(run.module.count(run.state), " "))

  defp note(run, verb, word), do: also(run, Collector.note(run.collector, "#{verb}: #{word}"))

  defp also(run, _done), do: run

  defp pid(run, id), do: Collector.pid(run.collector, id)
end

[main, out] = System.argv()
Logger.configure(level: :none)
:ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], [main])
{:ok, _script} = Rebeam.Program.Script.start_link("script", main)
wait = fn wait -> Rebeam.whereis("added") || (Process.sleep(10) && wait.(wait)) end
wait.(wait)

sides = %{
  elixir: {Parity.ElixirSide, &Parity.ElixirSide.begin/1},
  python: {Parity.PythonSide, &Parity.PythonSide.begin(&1, "declared")},
  added: {Parity.PythonSide, &Parity.PythonSide.begin(&1, "added")}
}

observe = fn {row, {side, {module, begin}}} ->
  task =
    Task.async(fn ->
      try do
        Parity.Run.row(row, module, begin)
      catch
        kind, reason -> [Exception.format(kind, reason, __STACKTRACE__)]
      end
    end)

  lines =
    case Task.yield(task, 60_000) || Task.shutdown(task, :brutal_kill) do
      {:ok, lines} -> lines
      other -> ["no end: #{inspect(other)}"]
    end

  {{elem(row, 0), side}, lines}
end

Process.flag(:trap_exit, true)

observed =
  for(row <- Parity.Table.rows(), side <- sides, do: {row, side})
  |> Task.async_stream(observe, max_concurrency: 8, ordered: false, timeout: :infinity)
  |> Map.new(fn {:ok, result} -> result end)

File.write!(out, :erlang.term_to_binary(observed))
System.halt(0)
