defmodule Rebeam.Cluster.Multicast do
  @moduledoc false
  # Nodes of one network find each other: each says once a second that it is there, in a message that
  # only who has the cookie can make. What others send is not looked at further.
  use GenServer

  alias Rebeam.Units.Epmd
  alias Rebeam.VM

  require Logger

  @period 1_000
  @word "rebeam1"
  @code_bytes 32

  @spec start_link({:inet.ip_address(), :inet.port_number()}, pid) :: GenServer.on_start()
  def start_link(group, cluster), do: GenServer.start_link(__MODULE__, {group, cluster})

  @impl true
  def init({group, cluster}) do
    :ok = VM.ensure_started(:crypto)
    send(self(), :open)
    {:ok, %{socket: nil, group: group, cluster: cluster, why: nil}}
  end

  # There may be no network yet.
  @impl true
  def handle_info(:open, %{group: {address, port}} = state) do
    options = [
      :binary,
      active: true,
      reuseaddr: true,
      # SO_REUSEPORT: several programs of one machine.
      raw: {1, 15, <<1::32-native>>},
      multicast_loop: true,
      multicast_ttl: 1,
      add_membership: {address, {0, 0, 0, 0}}
    ]

    case :gen_udp.open(port, options) do
      {:ok, socket} ->
        send(self(), :tell)
        {:noreply, %{state | socket: socket, why: nil}}

      {:error, why} ->
        if why != state.why,
          do: Logger.warning("no multicast, tried again: #{:inet.format_error(why)}")

        Process.send_after(self(), :open, @period)
        {:noreply, %{state | why: why}}
    end
  end

  def handle_info(:tell, %{socket: socket, group: {address, port}} = state) do
    :gen_udp.send(socket, address, port, message())
    Process.send_after(self(), :tell, @period)
    {:noreply, state}
  end

  def handle_info({:udp, _, _, _, <<code::binary-size(@code_bytes), text::binary>>}, state) do
    with true <- :crypto.hash_equals(code, code(text)),
         [@word, name, port] <- String.split(text, " ") do
      with {port, ""} when port > 0 <- Integer.parse(port), do: Epmd.meet(name, port)
      send(state.cluster, {:found, [name]})
    end

    {:noreply, state}
  end

  def handle_info(_other, state), do: {:noreply, state}

  # The port is 0 where epmd knows it.
  defp message do
    text = "#{@word} #{node()} #{Epmd.port() || 0}"
    code(text) <> text
  end

  defp code(text), do: :crypto.mac(:hmac, :sha256, Atom.to_string(:erlang.get_cookie()), text)
end
