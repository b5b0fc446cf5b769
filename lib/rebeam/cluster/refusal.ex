defmodule Rebeam.Cluster.Refusal do
  @moduledoc false
  # Why there is no connection to a node: OTP only says that there is none.

  @patience 1_000

  @doc "In words, for who reads a log."
  @spec why(String.t()) :: String.t()
  def why(name) do
    [own, host] = String.split(name, "@")
    long? = String.contains?(host, ".")

    if long? == :net_kernel.longnames(),
      do: reach(own, String.to_charlist(host)),
      else: "it has #{kind(long?)}, this node #{kind(not long?)}: give all --name or all --sname"
  end

  defp kind(true), do: "a full host name"
  defp kind(false), do: "a short host name"

  defp reach(own, host) do
    module = :net_kernel.epmd_module()

    with {:ok, address} <- :inet.getaddr(host, :inet),
         {:port, port, _} <- module.port_please(String.to_charlist(own), address, @patience),
         {:ok, socket} <- :gen_tcp.connect(address, port, [], @patience) do
      :gen_tcp.close(socket)
      "#{host}:#{port} refuses this node: is the cookie the same, and --tls?"
    else
      {:error, :nxdomain} -> "no host #{host} is known"
      {:error, reason} -> "#{host} is not to be reached: #{:inet.format_error(reason)}"
      :noport -> "no node #{own} is registered on #{host}"
      _ -> "#{host} is not to be reached"
    end
  end
end
