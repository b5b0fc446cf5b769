defmodule Rebeam.CLI.Tree do
  @moduledoc false
  # `rebeam tree [NODE | PID] [--limit N] [--json]`: the supervision trees; of each supervisor so many children.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Looking

  @impl true
  def run(arguments) do
    Looking.print(arguments, %{limit: 100, json: false}, :tree, fn names, options ->
      Looking.none("tree", names, [options.limit])
    end)
  end
end
