defmodule Rebeam.Front.Parent do
  @moduledoc false
  # On the main node: starts what a stand-in of the front stands for, as its parent, and ends with it. One
  # ends the other: exit signals go through.

  alias Rebeam.Output
  alias Rebeam.Units.Logs

  @doc false
  def init(stand_in, leader, {module, function, arguments}) do
    Process.put(:"$ancestors", [stand_in])
    Logs.stay()
    Output.adopt(leader)
    # Until it has started, a signal of the stand-in's ends this process, and so what it starts.
    started = apply(module, function, arguments)
    Process.flag(:trap_exit, true)
    monitor = with {:ok, pid} <- started, do: Process.monitor(pid)
    send(stand_in, {__MODULE__, self(), started})
    with {:ok, pid} <- started, do: stay(pid, monitor, stand_in)
  end

  defp stay(pid, monitor, stand_in) do
    receive do
      {:DOWN, ^monitor, :process, _, :noproc} -> :ok
      {:DOWN, ^monitor, :process, _, reason} -> exit(reason)
      {:EXIT, ^stand_in, reason} -> finish(pid, monitor, reason)
      {:EXIT, _, _} -> stay(pid, monitor, stand_in)
    end
  end

  defp finish(pid, monitor, :normal) do
    GenServer.stop(pid)
  catch
    :exit, _ -> gone(monitor)
  end

  defp finish(pid, monitor, reason) do
    Process.exit(pid, if(reason == :killed, do: :kill, else: reason))
    gone(monitor)
  end

  defp gone(monitor) do
    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end
end
