defmodule Rebeam.CLI.Info do
  @moduledoc false
  # `rebeam info [NODE | PID] [--json]`: the program in numbers.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Looking

  @impl true
  def run(arguments) do
    Looking.print(arguments, %{json: false}, :info, fn names, _options ->
      Looking.none("info", names, [])
    end)
  end
end
