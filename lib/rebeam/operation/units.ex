defmodule Rebeam.Operation.Units do
  @moduledoc false
  # Isolation units: python/rebeam/_engine/units.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Bytes, Units}
  alias Rebeam.Units.Programs

  @impl true
  def perform("default", [], _), do: {:ok, Units.default()}

  def perform("program", [digest, %Bytes{data: program}], _),
    do: {:ok, Programs.put(digest, program) && nil}
end
