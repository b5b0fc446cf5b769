defmodule Rebeam.Operation.Children do
  @moduledoc false
  # Children at run time: python/rebeam/_children.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Trees

  # For rebeam.testing: ends what `run` started, once its shutdown is over. False if it is gone.
  @impl true
  def perform("stop", [pid], _), do: {:later, fn -> {:ok, Trees.stop_child(pid) == :ok} end}

  def perform("run", [child], handles) do
    {:later,
     fn ->
       case Trees.start_child(child, handles) do
         {:ok, pid} -> {:ok, pid}
         {:error, reason} -> {:error, "RuntimeError", Trees.start_error(reason)}
       end
     end}
  end
end
