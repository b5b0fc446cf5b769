defmodule Rebeam.Output.Outlet do
  @moduledoc false
  # A process of this node in place of a group leader of another one: it hands io requests on, one
  # after the other, and waits for that node where somebody else would have to. In a unit it also
  # keeps what is logged on the unit's node, as OTP logs where the group leader is.

  @doc "It ends with that group leader."
  @spec start(pid) :: pid
  def start(leader) do
    spawn(fn ->
      Process.put(:"$process_label", "output for #{inspect(leader)}")
      serve(leader, Process.monitor(leader))
    end)
  end

  defp serve(leader, monitor) do
    receive do
      {:io_request, from, tag, request} ->
        send(leader, {:io_request, self(), monitor, request})
        send(from, {:io_reply, tag, reply(monitor)})
        serve(leader, monitor)

      {:DOWN, ^monitor, _, _, _} ->
        :ok

      _ ->
        serve(leader, monitor)
    end
  end

  # Its end is for whoever monitors this process.
  defp reply(monitor) do
    receive do
      {:io_reply, ^monitor, reply} -> reply
      {:DOWN, ^monitor, _, _, _} -> exit(:normal)
    end
  end
end
