# Microseconds per call between two Python actors, beside a bare GenServer.call and a
# plain asyncio actor, in one run. `make bench`; or with a number of calls:
#
#   test/bench/run 500000

defmodule Bench.Call do
  @pairs [1, 10, 100, 1000]

  defmodule Echo do
    use GenServer
    def init(nil), do: {:ok, nil}
    def handle_call(message, _from, state), do: {:reply, message, state}
  end

  def run([calls]) do
    calls = String.to_integer(calls)
    script = Path.join(__DIR__, "call.py")
    {:ok, _} = Application.ensure_all_started(:rebeam)
    :ok = Rebeam.Python.Runtime.start([], [script, Integer.to_string(calls)])
    for pairs <- @pairs, do: IO.puts("genserver.#{pairs} #{genserver(pairs, calls)}")
    {:ok, _} = Rebeam.Program.Script.start_link("script", script)

    receive do
      {:rebeam_script, _, {:status, 0}, _} -> :ok
    end

    IO.puts("threads #{length(File.ls!("/proc/self/task"))}")
    Rebeam.Native.halt(0)
  end

  # As `pairs` in call.py: so many callers, each with its own echo.
  defp genserver(pairs, calls) do
    each = max(div(calls, pairs), 1)
    echoes = for _ <- 1..pairs, do: elem(GenServer.start_link(Echo, nil), 1)

    {time, _} =
      :timer.tc(fn ->
        echoes
        |> Enum.map(fn echo -> Task.async(fn -> ask(echo, each) end) end)
        |> Task.await_many(:infinity)
      end)

    time / (each * pairs)
  end

  defp ask(_echo, 0), do: :ok

  defp ask(echo, left) do
    ^left = GenServer.call(echo, left)
    ask(echo, left - 1)
  end
end

Bench.Call.run(System.argv())
