defmodule Rebeam.CLI.Waits do
  @moduledoc false
  # `rebeam waits [NODE | PID] [--limit N] [--json]`: who waits for whom: cycles, then the longest.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Looking

  @impl true
  def run(arguments) do
    Looking.print(arguments, %{limit: 100, json: false}, :waits, fn names, options ->
      Looking.none("waits", names, [options.limit])
    end)
  end
end
