defmodule Rebeam.Operation.Names do
  @moduledoc false
  # Local names: python/rebeam/_names.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Names

  @impl true
  def perform("register", [name], _) do
    case Names.register(name) do
      :ok ->
        {:ok, nil}

      {:error, {:already_registered, pid}} ->
        {:error, "ValueError", "the name #{inspect(name)} is taken by #{inspect(pid)}"}
    end
  end

  def perform("unregister", [name], _) do
    Names.unregister(name)
    {:ok, nil}
  end

  def perform("whereis", [name], _), do: {:ok, Names.whereis(name)}
  def perform("registered", [], _), do: {:ok, Enum.sort(Names.registered())}
end
