defmodule Rebeam.Operation.Messages do
  @moduledoc false
  # Messages beyond call and cast: python/rebeam/_messages.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Names

  @impl true
  def perform("send", [target, value], _) do
    case Names.resolve(target) do
      {:ok, pid} -> {:ok, send(pid, value) == value}
      :none -> {:ok, false}
      {:error, text} -> {:error, "ValueError", text}
    end
  end
end
