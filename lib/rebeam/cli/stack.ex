defmodule Rebeam.CLI.Stack do
  @moduledoc false
  # `rebeam stack [NODE | PID] NAME... [--json]`: where the code of actors is.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Looking

  @impl true
  def run(arguments) do
    Looking.print(arguments, %{json: false}, :stack, fn
      [], _options -> {:error, "stack needs the name of an actor, or its id as tree shows it"}
      names, _options -> [names]
    end)
  end
end
