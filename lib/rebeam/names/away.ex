defmodule Rebeam.Names.Away do
  @moduledoc false
  # Names of processes in units that are nodes. On the main node a process stands in for each
  # such name: it is registered with the true process as its value, and ends with that.

  alias Rebeam.{Native, Nodes}

  @registry Rebeam.Names.Registry

  @doc "On the main node: `pid`, of a unit, gets the name."
  @spec register(String.t(), pid) :: :ok | {:error, {:already_registered, pid}}
  def register(name, pid) do
    caller = self()
    {stand_in, monitor} = spawn_monitor(fn -> stand_in(name, pid, caller) end)

    receive do
      {^stand_in, :ok} ->
        Process.demonitor(monitor, [:flush])
        :ok

      {:DOWN, ^monitor, :process, _, {:taken, holder}} ->
        retry(holder, fn -> register(name, pid) end)
    end
  end

  @doc "On the main node: takes a name from a process of a unit."
  @spec unregister(String.t(), pid) :: :ok
  def unregister(name, pid) do
    with [{stand_in, ^pid}] <- Registry.lookup(@registry, name), do: ended(stand_in, :unregister)
    :ok
  end

  @doc "On the main node: if a process has the name that is gone, it has it no more."
  @spec clear(String.t()) :: :ok | {:error, {:already_registered, pid}}
  def clear(name) do
    case Registry.lookup(@registry, name) do
      [{holder, pid}] when pid != nil -> retry(holder, fn -> :ok end)
      _ -> :ok
    end
  end

  @doc """
  What to do about a name that `holder` has: if it only stands in for a process that is gone,
  which it will hear of in a moment, `again` is run when it has; else the name is taken.
  """
  @spec retry(pid, (... -> result)) :: result | {:error, {:already_registered, pid}}
        when result: term
  def retry(holder, again) do
    case Enum.find_value(Registry.keys(@registry, holder), &stands_for(&1, holder)) do
      nil ->
        {:error, {:already_registered, holder}}

      pid ->
        # One whose node does not answer keeps its name.
        if Nodes.alive(pid) != false do
          {:error, {:already_registered, pid}}
        else
          ended(holder, :gone)
          again.()
        end
    end
  end

  defp stands_for(name, holder) do
    case Registry.lookup(@registry, name) do
      [{^holder, pid}] -> pid
      _ -> nil
    end
  end

  defp ended(stand_in, why) do
    monitor = Process.monitor(stand_in)
    send(stand_in, why)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end

  # ---- the stand-in ------------------------------------------------------------------------

  defp stand_in(name, pid, caller) do
    monitor = Process.monitor(pid)

    case Registry.register(@registry, name, pid) do
      {:ok, _} ->
        Native.names_changed()
        send(caller, {self(), :ok})
        hold(name, monitor)

      {:error, {:already_registered, holder}} ->
        exit({:taken, holder})
    end
  end

  defp hold(name, monitor) do
    receive do
      word when word in [:unregister, :gone] -> :ok
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end

    Registry.unregister(@registry, name)
    Native.names_changed()
  end
end
