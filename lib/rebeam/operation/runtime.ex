defmodule Rebeam.Operation.Runtime do
  @moduledoc false
  # The runtime itself: python/rebeam/_runtime.py.
  @behaviour Rebeam.Operation

  # For tests: what idle processes hold as garbage still counts as live handles.
  @impl true
  def perform("collect", [], _) do
    Enum.each(Process.list(), &:erlang.garbage_collect/1)
    {:ok, nil}
  end

  def perform("flush", [], _), do: {:later, fn -> {:ok, Rebeam.CLI.Runner.flush() && nil} end}

  def perform("info", [], _) do
    {:ok, Map.new(Rebeam.info(), fn {key, value} -> {Atom.to_string(key), value} end)}
  end
end
