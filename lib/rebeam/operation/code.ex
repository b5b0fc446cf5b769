defmodule Rebeam.Operation.Code do
  @moduledoc false
  # Modules that are loaded again: python/rebeam/_code.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Code

  @impl true
  def perform("reload", [name, path, text, digest, limit, time], _) do
    bound = if limit, do: {limit, time}
    {:later, fn -> {:ok, Code.reload({name, path, text, digest}, bound)} end}
  end

  def perform("watches", [], _),
    do: {:ok, Application.get_env(:rebeam, :watch) == :yes}

  def perform("versions", [], _), do: {:later, fn -> {:ok, Code.versions()} end}
end
