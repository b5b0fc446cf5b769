defmodule Rebeam.BusyNode do
  @moduledoc false
  # A node that takes nothing, for Elixir code that runs in a VM of its own.

  import Rebeam.Waiting

  alias Rebeam.Nodes
  alias Rebeam.Nodes.Courier

  @doc "Makes this VM a node, and starts another: its name, and a process there."
  @spec start :: {node, pid}
  def start do
    :ok = Rebeam.OwnNode.start("near", :longnames)
    options = %{name: :"far_#{System.pid()}", host: ~c"127.0.0.1", longnames: true}
    cookie = Enum.map(["-setcookie", "#{Node.get_cookie()}"], &String.to_charlist/1)
    {:ok, _, far} = :peer.start_link(Map.put(options, :args, cookie))
    {far, :erpc.call(far, :erlang, :whereis, [:init])}
  end

  @doc "Stops it, and has more on its way to it than the connection holds. A function lets it go on."
  @spec stop(node) :: (... -> true)
  def stop(far) do
    os_pid = List.to_string(:erpc.call(far, :os, :getpid, []))
    System.cmd("kill", ["-STOP", os_pid])
    wait_until(fn -> stopped?(os_pid) end)
    block = :binary.copy("x", 1_000_000)
    for _ <- 1..20, do: Courier.deliver({:nobody, far}, block)
    true = Nodes.busy?(far)

    fn ->
      System.cmd("kill", ["-CONT", os_pid])
      true = Nodes.await_free(far)
    end
  end

  # On a busy machine its threads take messages for a while yet.
  defp stopped?(os_pid) do
    "/proc/#{os_pid}/task/*/stat"
    |> Path.wildcard()
    |> Enum.all?(&(File.read!(&1) =~ ") T "))
  end
end
