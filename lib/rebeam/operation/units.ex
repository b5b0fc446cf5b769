defmodule Rebeam.Operation.Units do
  @moduledoc false
  # Isolation units: python/rebeam/_isolation.py and _program/units.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Bytes, Nodes, Units}
  alias Rebeam.Units.{Programs, Sources}

  @impl true
  def perform("default", [], _), do: {:ok, Units.default()}

  def perform("program", [digest, %Bytes{data: program}], _),
    do: {:ok, Programs.put(digest, program) && nil}

  # For units of worker machines.
  def perform("folder", [path], _), do: on_main(:folder, path)
  def perform("source", [path], _), do: on_main(:source, path)

  defp on_main(function, path),
    do: {:wait, fn -> {:ok, Nodes.on_main(Sources, function, [path])} end}
end
