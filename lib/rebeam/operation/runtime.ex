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

  def perform("flush", [], _), do: {:later, fn -> {:ok, Rebeam.Python.Ending.flush() && nil} end}

  def perform("log", [], _), do: {:ok, Rebeam.Message.Records.pid()}

  def perform("log_format", [], _),
    do: {:ok, to_string(Application.get_env(:rebeam, :log_format, :text))}

  # The process that asks does not count itself.
  def perform("info", [], _) do
    {:later,
     fn ->
       counts = Rebeam.Units.info()
       {:ok, python(%{counts | helpers: counts.helpers - 1})}
     end}
  end

  defp python(%{} = map), do: Map.new(map, fn {key, value} -> {to_string(key), python(value)} end)
  defp python(list) when is_list(list), do: Enum.map(list, &python/1)
  defp python(node) when is_atom(node), do: Atom.to_string(node)
  defp python(value), do: value
end
