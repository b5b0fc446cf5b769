defmodule Rebeam.Operation.Counters do
  @moduledoc false
  # Counters, gauges and flags: python/rebeam/_counters.py, which has their cells from here.
  @behaviour Rebeam.Operation

  alias Rebeam.{Counters, Nodes}

  @impl true
  def perform("find", [kind, name], _) do
    case Counters.known(kind, name) do
      :unknown -> {:wait, fn -> ask(kind, name) end}
      found -> answer(found)
    end
  end

  # Of a worker machine, which has the memory of another.
  def perform("change", [kind, name, verb, value], _) do
    {:wait,
     fn ->
       case Nodes.on_main(Counters, :change, [kind, name, verb, value]) do
         {:ok, number} -> {:ok, number}
         not_found -> answer(not_found)
       end
     end}
  end

  defp ask(kind, name) do
    kind |> Counters.find(name) |> answer()
  catch
    :error, {:erpc, :timeout} ->
      {:error, "TimeoutError", "the main node, which knows all counters, does not answer"}
  end

  defp answer({:ok, index}), do: {:ok, index}
  defp answer({:error, text}), do: {:error, "ValueError", text}
  defp answer({:failed, text}), do: {:error, "RuntimeError", text}
end
