# Crashes the actors of main.py at random, under load, and looks at what is left. Arguments:
# the script, and how many crashes; the rest is the script's. Prints what it finds.
defmodule Storm do
  @ways [:raise, :exit, :kill]

  # ---- crashing --------------------------------------------------------------------

  @doc "Until `left` crashes happened: what ended for another reason does not count."
  def crash(names, left) do
    if :atomics.get(left, 1) > 0 do
      case crash_one(elem(names, :rand.uniform(tuple_size(names)) - 1), Enum.random(@ways)) do
        {:crashed, way} -> count(left, way)
        :other -> :ok
      end

      crash(names, left)
    end
  end

  defp count(left, way) do
    :atomics.sub(left, 1, 1)
    :atomics.add(left, 2 + Enum.find_index(@ways, &(&1 == way)), 1)
  end

  defp crash_one(name, way) do
    case Rebeam.whereis(name) do
      nil -> :other
      pid -> ended(pid, way, Process.monitor(pid))
    end
  end

  defp ended(pid, way, monitor) do
    if way == :kill, do: Process.exit(pid, :kill), else: Rebeam.cast(pid, "#{way}", 1)

    receive do
      {:DOWN, ^monitor, :process, _, reason} -> classify(reason, way)
    end
  end

  defp classify(:killed, :kill), do: {:crashed, :kill}
  defp classify({%Rebeam.PythonError{}, _}, :raise), do: {:crashed, :raise}
  defp classify({:system_exit, 1}, :exit), do: {:crashed, :exit}
  defp classify(_reason, _way), do: :other

  # ---- calling ---------------------------------------------------------------------

  @doc "Calls until the flag is set; how often which status came."
  def call(names, flag, tally \\ %{}, number \\ 1) do
    if :atomics.get(flag, 1) == 1 do
      tally
    else
      name = elem(names, :rand.uniform(tuple_size(names)) - 1)

      status =
        case Rebeam.call(name, "echo", number, 30_000) do
          {:ok, [^name, ^number]} -> :ok
          {:ok, other} -> {:wrong, name, number, other}
          {status, _} -> status
        end

      if status != :ok, do: Process.sleep(1)
      call(names, flag, Map.update(tally, status, 1, &(&1 + 1)), number + 1)
    end
  end

  # ---- looking ---------------------------------------------------------------------

  @doc "True once `check` is, within a minute."
  def soon(check, left \\ 6_000) do
    cond do
      check.() -> true
      left == 0 -> false
      true -> Process.sleep(10) && soon(check, left - 1)
    end
  end

  @doc "Each name is there, and its actor is new: no crash left a mark on it."
  def fresh?(names) do
    Enum.all?(names, fn name ->
      soon(fn ->
        pid = Rebeam.whereis(name)
        is_pid(pid) and Rebeam.call(pid, "state", nil, 30_000) == {:ok, [[], pid]}
      end)
    end)
  end

  @doc "The processes of a tree in start order, which a supervisor's own list says."
  def workers(sup) do
    for {id, pid, type, _} <- Enum.reverse(:supervisor.which_children(sup)),
        worker <- if(type == :supervisor, do: workers(pid), else: [{id, pid}]),
        do: worker
  end

  @doc "How many processes in the VM are actors."
  def actor_processes do
    Enum.count(
      Process.list(),
      &(:proc_lib.translate_initial_call(&1) == {Rebeam.Actor, :init, 1})
    )
  end

  @doc "The counts that come back, without what idle processes hold as garbage."
  def counts do
    Enum.each(Process.list(), &:erlang.garbage_collect/1)
    Map.take(Rebeam.info(), [:actors, :suspended, :blocked, :handles, :queued])
  end
end

[script, crashes, tops, leaves, actors, callers] = System.argv()
[crashes, tops, leaves, actors] = Enum.map([crashes, tops, leaves, actors], &String.to_integer/1)
Logger.configure(level: :none)
python = [python: System.fetch_env!("PYTHON_UNDER_TEST")]
:ok = Rebeam.Python.Runtime.start(python, [script, "#{tops}", "#{leaves}", "#{actors}", callers])
{:ok, _} = Rebeam.Program.Script.start_link("script", script)

names =
  for top <- 1..tops, leaf <- 1..leaves, n <- 1..actors, do: "#{top - 1}-#{leaf - 1}-#{n - 1}"

# Those that stay, with "control".
expected = tops * leaves * actors + 1
python_callers = String.to_integer(callers)
true = Storm.soon(fn -> Storm.actor_processes() == expected + python_callers end)
# The last of them may have just begun.
Process.sleep(100)
before = %{actors: Storm.actor_processes(), native: Rebeam.info().actors}
memory = :erlang.memory(:total)
begin = System.monotonic_time(:millisecond)

flag = :atomics.new(1, [])
callers = for _ <- 1..16, do: Task.async(fn -> Storm.call(List.to_tuple(names), flag) end)
left = :atomics.new(4, signed: true)
:atomics.put(left, 1, crashes)
crashers = for _ <- 1..8, do: Task.async(fn -> Storm.crash(List.to_tuple(names), left) end)
Task.await_many(crashers, :infinity)
done = System.monotonic_time(:millisecond)
:atomics.put(flag, 1, 1)
{:ok, nil} = Rebeam.call("control", "end", nil)
tallies = Task.await_many(callers, 60_000)

ways = for index <- 2..4, do: :atomics.get(left, index)
IO.puts("crashes #{Enum.sum(ways) >= crashes}")
IO.puts("ways #{Enum.min(ways) * 10 > crashes}")
IO.puts("raise, exit, kill #{Enum.join(ways, " ")}")
IO.puts("fresh #{Storm.fresh?(names)}")
root = Rebeam.whereis("root")
workers = Storm.workers(root)
IO.puts("siblings #{Enum.map(workers, &elem(&1, 0)) == names}")
IO.puts("names #{Enum.map(workers, &elem(&1, 1)) == Enum.map(names, &Rebeam.whereis/1)}")

true =
  Storm.soon(fn -> length(elem(Rebeam.call("control", "tallies", nil), 1)) == python_callers end)

{:ok, python} = Rebeam.call("control", "tallies", nil)
IO.puts("orphans #{Storm.soon(fn -> Storm.actor_processes() == expected end) == false}")

IO.puts(
  "native #{Storm.soon(fn -> Rebeam.info().actors - before.native == expected - before.actors end)}"
)

settled = fn -> match?(%{suspended: 0, blocked: 0, queued: 0}, Storm.counts()) end
IO.puts("settled #{Storm.soon(settled, 300)}")

total = fn tallies -> Enum.reduce(tallies, %{}, &Map.merge(&1, &2, fn _, a, b -> a + b end)) end

for {who, tallies} <- [elixir: tallies, python: python], {status, n} <- total.(tallies) do
  IO.puts("#{who} #{if is_tuple(status), do: inspect(status), else: status} #{n}")
end

IO.puts("seconds #{(done - begin) / 1000}")
IO.puts("grown #{div(:erlang.memory(:total) - memory, 1024)}")
IO.puts("handles #{Storm.counts().handles}")
System.halt(0)
