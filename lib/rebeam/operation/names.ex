defmodule Rebeam.Operation.Names do
  @moduledoc false
  # Local names: python/rebeam/_names.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Names

  @impl true
  def perform("register", [name], asker) do
    {:later,
     fn ->
       case Names.reserve(name, asker.pid) do
         :ok -> {:here, fn -> name |> Names.register_here() |> registered(name) end}
         taken -> registered(taken, name)
       end
     end}
  end

  def perform("unregister", [name], asker) do
    {:later,
     fn ->
       with :ok <- Names.release(name, asker.pid),
            do: {:here, fn -> {:ok, Names.unregister_here(name) && nil} end},
            else: ({:error, :timeout} -> timeout())
     end}
  end

  def perform("whereis", [name], _) do
    case Names.find(name, :living) do
      {:ok, pid} -> {:ok, pid}
      {:ask, _} -> {:later, fn -> {:ok, Names.whereis(name)} end}
      :none -> {:ok, nil}
    end
  end

  def perform("registered", [], _), do: {:later, fn -> {:ok, Enum.sort(Names.registered())} end}

  defp registered(:ok, _name), do: {:ok, nil}

  defp registered({:error, :timeout}, _name), do: timeout()

  defp registered({:error, {:already_registered, pid}}, name),
    do: {:error, "ValueError", "the name #{inspect(name)} is taken by #{inspect(pid)}"}

  defp timeout,
    do: {:error, "TimeoutError", "the main node, which knows all names, does not answer"}
end
