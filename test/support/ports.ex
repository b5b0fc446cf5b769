defmodule Rebeam.Ports do
  @moduledoc false
  # Ports for programs that are told on which to listen.

  @low 10_000
  @range "/proc/sys/net/ipv4/ip_local_port_range"

  @doc """
  The first of `count` in a row on which nobody listens. None of those that the kernel gives to whoever
  asks for any: until the program listens there, some connection of another test might have it.
  """
  @spec free(pos_integer) :: :inet.port_number()
  def free(count \\ 1) do
    first = Enum.random(@low..(kernels_first() - count))
    if Enum.all?(first..(first + count - 1), &free?/1), do: first, else: free(count)
  end

  defp kernels_first do
    case @range |> File.read!() |> String.split() |> hd() |> String.to_integer() do
      first when first > @low + 1_000 -> first
      # Somebody has given it all: then chance has to do.
      _ -> 65_000
    end
  end

  defp free?(port) do
    with {:ok, socket} <- :gen_tcp.listen(port, []),
         do: :gen_tcp.close(socket) == :ok,
         else: (_ -> false)
  end
end
