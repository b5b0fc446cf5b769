defmodule Rebeam.Testing.Pump do
  @moduledoc false
  # One direction of one connection through a relay: reads one socket and writes the other, as its
  # way says. The two of a connection are linked, and close what they read from when they end.

  alias Rebeam.Testing.Relay

  # What may be under way: more waits at its sender, as in a network.
  @window 8 * 1024 * 1024

  @doc "Both directions of a connection, linked to the caller, which owns the sockets."
  @spec start_pair({port, Relay.way()}, {port, Relay.way()}) :: [pid]
  def start_pair({one, there}, {other, back}) do
    pumps = [spawn_link(fn -> begin(there) end), spawn_link(fn -> begin(back) end)]

    for {pump, mate, from, to} <-
          Enum.zip([pumps, Enum.reverse(pumps), [one, other], [other, one]]) do
      :gen_tcp.controlling_process(from, pump)
      send(pump, {:begin, mate, from, to})
    end

    pumps
  end

  @doc "Its way from now on."
  @spec set(pid, Relay.way()) :: term
  def set(pump, way), do: send(pump, {:way, way})

  defp begin(way) do
    receive do
      {:begin, mate, from, to} ->
        # One that ended already ends this one.
        Process.link(mate)
        more(%{from: from, to: to, way: way, queue: :queue.new(), size: 0, reading?: false})
    end
  end

  # Reads on, if there is room.
  defp more(%{reading?: false, size: size} = state) when size < @window do
    :inet.setopts(state.from, active: :once)
    pass(%{state | reading?: true})
  end

  defp more(state), do: pass(state)

  defp pass(%{way: :closed} = state), do: over(state)

  defp pass(state) do
    receive do
      {:tcp, _, data} ->
        item = {now(), data}
        size = state.size + byte_size(data)
        more(%{state | queue: :queue.in(item, state.queue), size: size, reading?: false})

      {closed, _} when closed == :tcp_closed ->
        pass(%{state | queue: :queue.in({now(), :closed}, state.queue)})

      {:tcp_error, _, _} ->
        over(state)

      {:way, way} ->
        pass(%{state | way: way})
    after
      wait(state) -> deliver(state)
    end
  end

  defp wait(%{way: :held}), do: :infinity

  defp wait(%{way: {:open, delay}, queue: queue}) do
    case :queue.peek(queue) do
      {:value, {came, _}} -> max(came + delay - now(), 0)
      :empty -> :infinity
    end
  end

  defp deliver(state) do
    {{:value, {_, item}}, queue} = :queue.out(state.queue)

    with data when is_binary(data) <- item,
         :ok <- :gen_tcp.send(state.to, data) do
      more(%{state | queue: queue, size: state.size - byte_size(data)})
    else
      _closed -> over(state)
    end
  end

  # The link ends the other one, and with it the socket that that one reads.
  defp over(_state), do: exit(:shutdown)

  defp now, do: System.monotonic_time(:millisecond)
end
