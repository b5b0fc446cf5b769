defmodule Rebeam.Operation.Children do
  @moduledoc false
  # Children at run time: python/rebeam/_children.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Trees

  @impl true
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
