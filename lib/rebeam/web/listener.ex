defmodule Rebeam.Web.Listener do
  @moduledoc false
  # One address that the program listens on. Each connection is a process of its own.
  use GenServer

  alias Rebeam.Loader
  alias Rebeam.Web.Connection

  # Names and values of headers are at most so long, in bytes; connections that wait to be accepted.
  @longest_line 8192
  @backlog 64

  @doc "`kind` is the handler's: `Rebeam.Web.Router`. `{:error, reason}` of :gen_tcp where it cannot."
  def start_link({kind, address, config, connections}),
    do: GenServer.start_link(__MODULE__, {kind, address, config, connections})

  @doc "Where it listens: the port is one that was free if 0 was asked for."
  @spec address(pid) :: {:inet.ip_address(), :inet.port_number()}
  def address(listener), do: GenServer.call(listener, :address)

  @impl true
  def init({kind, {ip, port}, config, connections}) do
    options = [
      :binary,
      ip: ip,
      packet: :http_bin,
      packet_size: @longest_line,
      active: false,
      reuseaddr: true,
      backlog: @backlog,
      send_timeout: 30_000,
      send_timeout_close: true
    ]

    options = if tuple_size(ip) == 8, do: [:inet6 | options], else: options

    with {:ok, socket} <- :gen_tcp.listen(port, options) do
      # A child process of the program's would keep it open.
      Loader.seal_descriptors()
      spawn_link(fn -> accept(socket, {kind, config}, connections) end)
      {:ok, socket}
    else
      {:error, reason} -> {:stop, {:listen, kind, {ip, port}, reason}}
    end
  end

  @impl true
  def handle_call(:address, _from, socket) do
    {:ok, address} = :inet.sockname(socket)
    {:reply, address, socket}
  end

  def handle_call(_request, _from, socket), do: {:reply, {:error, :not_a_call}, socket}

  @impl true
  def handle_cast(_message, socket), do: {:noreply, socket}

  @impl true
  def handle_info(_message, socket), do: {:noreply, socket}

  defp accept(listening, handler, connections) do
    case :gen_tcp.accept(listening) do
      {:ok, socket} ->
        Loader.seal_descriptors()
        hand_over(socket, handler, connections)

      {:error, :closed} ->
        exit(:normal)

      # No descriptors, for one.
      {:error, _} ->
        Process.sleep(100)
    end

    accept(listening, handler, connections)
  end

  # There are many already: who comes now is closed, and may come again.
  defp hand_over(socket, handler, connections) do
    with {:ok, pid} <- Task.Supervisor.start_child(connections, Connection, :serve, [handler]),
         :ok <- :gen_tcp.controlling_process(socket, pid) do
      send(pid, {:socket, socket})
    else
      _ -> :gen_tcp.close(socket)
    end
  end
end
