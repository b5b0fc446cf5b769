defmodule Rebeam.Operation.Units do
  @moduledoc false
  # Isolation units: python/rebeam/_isolation.py and _program/units.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Bytes, Units}

  @impl true
  def perform("default", [], _), do: {:ok, Units.default()}

  def perform("program", [digest, %Bytes{data: program}], _),
    do: {:ok, Units.put_program(digest, program) && nil}
end
