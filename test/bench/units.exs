# Pure Python that computes, in one interpreter unit and in two, and calls within a unit and
# between two; in one run. REBEAM_PYTHON chooses the interpreter: 3.12 or newer.
#
#   test/bench/run units

defmodule Bench.Units do
  alias Rebeam.Units.Interpreter

  @below 3_000_000
  @primes 216_816
  @calls 20_000
  @rounds 5

  def run do
    {:ok, _} = Application.ensure_all_started(:rebeam)
    :ok = Rebeam.Python.Runtime.start([], ["units.py"])
    IO.puts("python #{python()}")
    units = for n <- 1..2, do: elem(Interpreter.start_link(n), 1)
    [one, two] = Enum.map(units, &await/1)
    [a, b, c] = Enum.map([one, one, two], &start/1)

    # Turn about, so that a busy machine is busy for all; the best of each counts.
    rounds = for _ <- 1..@rounds, do: {time([a]), time([a, b]), time([a, c])}
    [alone, same, apart] = for n <- 0..2, do: rounds |> Enum.map(&elem(&1, n)) |> Enum.min()
    report("one actor", alone, "s")
    report("two actors, one unit", same, "s")
    report("two actors, two units", apart, "s")
    report("two units / one unit", same / apart, "times as fast")
    within = calls(a, b)
    between = calls(a, c)
    report("call within a unit", within, "us")
    report("call between units", between, "us")
    report("between / within", between / within, "")
    Rebeam.Python.Ending.flush()
    Rebeam.Native.halt(0)
  end

  defp python do
    {:ok, python} = Rebeam.Python.find([])
    python.version
  end

  defp await(unit) do
    case Interpreter.await(unit) do
      {:ok, maker} ->
        maker

      {:error, text} ->
        IO.puts(:stderr, text)
        System.halt(1)
    end
  end

  defp start(maker) do
    packed = Rebeam.Value.pack!({"class", "units", "Worker", [], %{}, [__DIR__]})
    {:ok, pid} = Rebeam.Actor.start_link({maker, packed}, kind: :actor, label: "worker")
    pid
  end

  defp time(actors) do
    {microseconds, _} =
      :timer.tc(fn ->
        actors
        |> Enum.map(fn actor -> Task.async(fn -> ask(actor, "sieve", @below) end) end)
        |> Task.await_many(:infinity)
        |> Enum.each(fn @primes -> :ok end)
      end)

    microseconds / 1.0e6
  end

  defp calls(from, to), do: ask(from, "calls", {to, @calls})

  defp ask(actor, subject, message) do
    {:ok, answer} = Rebeam.call(actor, subject, message, :infinity)
    answer
  end

  defp report(name, value, unit),
    do: IO.puts([String.pad_trailing(name, 28), :io_lib.format("~8.2f ~s", [value, unit])])
end

Bench.Units.run()
