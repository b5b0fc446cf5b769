defmodule Rebeam.Cluster.Spec do
  @moduledoc false
  # What `--cluster` says, and whom it finds:
  #
  #   a@one,b@two        these
  #   file:PATH          those in a file, one a line, read again when it changes
  #   dns:NAME           one at each address of a host name, called as this node is
  #   dns:BASE@NAME      the same, called BASE
  #   multicast          who says that it is there, on this network
  #   multicast:IP:PORT  the same, in another group

  alias Rebeam.Units.Epmd

  @group {{239, 255, 70, 77}, 46_077}
  @name ~r/^([A-Za-z0-9_-]+@[A-Za-z0-9_.-]+)(?::([0-9]+))?\z/
  @host ~r/^(?:([A-Za-z0-9_-]+)@)?([A-Za-z0-9_.-]+)\z/

  @type t ::
          {:list, [String.t()]}
          | {:file, Path.t()}
          | {:dns, String.t() | nil, String.t()}
          | {:multicast, {:inet.ip_address(), :inet.port_number()}}

  @doc "The error says what it should be."
  @spec parse(String.t()) :: {:ok, t} | {:error, String.t()}
  def parse("file:" <> path) when path != "", do: {:ok, {:file, path}}
  def parse("multicast"), do: {:ok, {:multicast, @group}}

  def parse("multicast:" <> group) do
    with [address, port] <- String.split(group, ":"),
         {:ok, {first, _, _, _} = address} when first in 224..239 <-
           address |> String.to_charlist() |> :inet.parse_ipv4strict_address(),
         {port, ""} when port in 1..65_535 <- Integer.parse(port) do
      {:ok, {:multicast, {address, port}}}
    else
      _ -> {:error, "a multicast group is ADDRESS:PORT such as 239.255.70.77:46077"}
    end
  end

  def parse("dns:" <> host) do
    case Regex.run(@host, host, capture: :all_but_first) do
      ["", host] -> {:ok, {:dns, nil, host}}
      [base, host] -> {:ok, {:dns, base, host}}
      nil -> {:error, "dns: is followed by the name of a host, or NAME@ and that"}
    end
  end

  def parse(text) do
    names = String.split(text, [",", " "], trim: true)

    if names != [] and Enum.all?(names, &(&1 =~ @name)),
      do: {:ok, {:list, names}},
      else:
        {:error,
         "it is names of nodes with commas, file:PATH, dns:HOST, multicast or multicast:IP:PORT"}
  end

  @doc "Whom it finds now. Who is found by multicast tells of itself."
  @spec names(t) :: [String.t()]
  def names({:list, names}), do: Enum.map(names, &learned/1)
  def names({:multicast, _}), do: []

  def names({:file, path}) do
    with {:ok, text} <- File.read(path) do
      for line <- String.split(text, "\n"),
          name = line |> String.split("#") |> hd() |> String.trim(),
          name =~ @name,
          do: learned(name)
    else
      _ -> []
    end
  end

  def names({:dns, base, host}) do
    [own, _] = node() |> Atom.to_string() |> String.split("@")

    with {:ok, addresses} <- host |> String.to_charlist() |> :inet.getaddrs(:inet),
         do: for(address <- Enum.uniq(addresses), do: "#{base || own}@#{:inet.ntoa(address)}"),
         else: (_ -> [])
  end

  @doc "A name, of which a port may be a part; then that is known from now on."
  @spec learned(String.t()) :: String.t()
  def learned(text) do
    case Regex.run(@name, text, capture: :all_but_first) do
      [name, port] ->
        Epmd.meet(name, String.to_integer(port))
        name

      [name] ->
        name
    end
  end
end
