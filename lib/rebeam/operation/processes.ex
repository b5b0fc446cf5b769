defmodule Rebeam.Operation.Processes do
  @moduledoc false
  # Processes themselves: python/rebeam/_processes.py.
  @behaviour Rebeam.Operation

  @impl true
  def perform("self", [], _), do: {:ok, self()}
end
