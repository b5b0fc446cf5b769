defmodule Rebeam.CLI.Crashes do
  @moduledoc false
  # `rebeam crashes [NODE | PID] [--limit N] [--json]`: the last crashes, the newest first.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Looking

  @impl true
  def run(arguments) do
    Looking.print(arguments, %{limit: 20, json: false}, :crashes, fn names, options ->
      Looking.none("crashes", names, [options.limit])
    end)
  end
end
