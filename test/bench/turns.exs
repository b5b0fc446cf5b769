# What a peer in Elixir does: it measures once for each number that it reads, and prints what came out.
# A file in lines/ says how, by `Bench.Turns.serve(fn count -> microseconds end)`.

defmodule Bench.Turns do
  def serve(measure) do
    case IO.gets("") do
      line when is_binary(line) ->
        count = line |> String.trim() |> String.to_integer()
        IO.puts(~s({"figures": #{measure.(count) / 1}}))
        serve(measure)

      :eof ->
        System.halt(0)
    end
  end

  @doc "Microseconds that it takes."
  def time(fun), do: fun |> :timer.tc() |> elem(0)

  @doc "Another node on this machine, which has the modules of this one and those given as {module, binary}."
  def node(modules) do
    unless Node.alive?() do
      {:ok, _} = Node.start(:"bench-#{System.pid()}", :shortnames)
    end

    {:ok, _, node} = :peer.start_link(%{name: :peer.random_name(), wait_boot: 120_000})
    :ok = :erpc.call(node, :code, :add_paths, [:code.get_path()])

    for {module, binary} <- modules do
      {:module, ^module} = :erpc.call(node, :code, :load_binary, [module, ~c"nofile", binary])
    end

    node
  end

  @doc "The bytes that this VM has in memory."
  def resident do
    [_, pages | _] = "/proc/self/statm" |> File.read!() |> String.split()
    String.to_integer(pages) * 4096
  end
end

defmodule Bench.Echo do
  use GenServer
  @impl true
  def init(nil), do: {:ok, 0}
  @impl true
  def handle_call(message, _from, state), do: {:reply, message, state}
  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  def calls(_echo, 0), do: :ok

  def calls(echo, left) do
    ^left = GenServer.call(echo, left)
    calls(echo, left - 1)
  end

  @doc "Microseconds a call, of `count` calls of so many pairs at once."
  def pairs(pairs, count) do
    each = max(div(count, pairs), 1)
    echoes = for _ <- 1..pairs, do: elem(GenServer.start_link(__MODULE__, nil), 1)

    taken =
      Bench.Turns.time(fn ->
        echoes
        |> Enum.map(fn echo -> Task.async(fn -> calls(echo, each) end) end)
        |> Task.await_many(:infinity)
      end)

    for echo <- echoes, do: GenServer.stop(echo)
    taken / (each * pairs)
  end

  @doc "Microseconds from the first of so many casts until all are handled, for one of them."
  def casts(echo, count) do
    taken =
      Bench.Turns.time(fn ->
        for n <- 1..count, do: GenServer.cast(echo, n)
        0 = GenServer.call(echo, 0, :infinity)
      end)

    taken / count
  end
end

defmodule Bench.Rest do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, nil)
  @impl true
  def init(nil), do: {:ok, nil, :hibernate}

  @doc "A supervisor of so many."
  def pool(count) do
    {:ok, supervisor} = DynamicSupervisor.start_link(strategy: :one_for_one)
    for _ <- 1..count, do: {:ok, _} = DynamicSupervisor.start_child(supervisor, __MODULE__)
    supervisor
  end
end

defmodule Bench.Busy do
  @doc "The slowest of a hundred calls, one every millisecond, beside so many processes that compute."
  def percentile(number, count) do
    busy = for _ <- 1..number, do: spawn(&spin/0)
    {:ok, echo} = GenServer.start_link(Bench.Echo, nil)

    taken =
      for n <- 1..count do
        taken = Bench.Turns.time(fn -> ^n = GenServer.call(echo, n, :infinity) end)
        Process.sleep(1)
        taken
      end

    for pid <- busy, do: Process.exit(pid, :kill)
    GenServer.stop(echo)
    taken |> Enum.sort() |> Enum.at(div(count * 99, 100))
  end

  defp spin, do: spin()
end
