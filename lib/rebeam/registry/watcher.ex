defmodule Rebeam.Registry.Watcher do
  @moduledoc false
  # Monitors the owners of a partition that are on one other node, and says which are gone. A process
  # of its own, as OTP stops who monitors on a node that takes nothing: what asks the partition must
  # not wait for that.

  @doc "For the calling partition, which goes with it."
  @spec start_link() :: pid
  def start_link do
    partition = self()
    spawn_link(fn -> serve(partition, %{}) end)
  end

  @spec watch(pid, pid) :: term
  def watch(watcher, owner) when is_pid(owner), do: send(watcher, {:watch, owner})

  @spec leave(pid, pid) :: term
  def leave(watcher, owner), do: send(watcher, {:leave, owner})

  @spec stop(pid) :: term
  def stop(watcher), do: send(watcher, :stop)

  defp serve(partition, monitors) do
    receive do
      {:watch, owner} ->
        serve(partition, Map.put_new_lazy(monitors, owner, fn -> Process.monitor(owner) end))

      {:leave, owner} ->
        {monitor, monitors} = Map.pop(monitors, owner)
        if monitor, do: Process.demonitor(monitor, [:flush])
        serve(partition, monitors)

      {:DOWN, _, :process, owner, _} ->
        send(partition, {:gone, owner})
        serve(partition, Map.delete(monitors, owner))

      :stop ->
        :ok
    end
  end
end
