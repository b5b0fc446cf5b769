defmodule Rebeam.Units.Epmd do
  @moduledoc false
  # How nodes find each other where there is no epmd: on which port of its host a node listens.
  #
  #   units of the program      the main node has a pipe to each, and hears it from there
  #   words of the command line they say it (Rebeam.CLI.Reach)
  #   other programs            it was said with the name, or they told it; else it is the own one
  #
  # Units ask their main node. A module for `erl -epmd_module`; the functions are those that net_kernel
  # and inet_tcp_dist call (OTP's "How to implement an alternative node discovery").

  alias Rebeam.Nodes

  @dist_version 6
  # What the oldest creations mean is fixed.
  @first_creation 4
  @last_creation 0xFFFFFFFF

  @doc "The port that this node listens on; nil if it does not."
  @spec port :: :inet.port_number() | nil
  def port, do: kept(:port)

  @doc "On the main node: which of its units listen on which ports."
  @spec learn(%{node => :inet.port_number()}) :: :ok
  def learn(ports), do: keep(:units, Map.new(ports, fn {node, port} -> {"#{node}", port} end))

  # ---- words of the command line, which become nodes beside the program --------------------

  @doc "In the process that lets them in, for as long as it lives."
  @spec expect_guests :: term
  def expect_guests, do: :ets.new(__MODULE__, [:named_table, :public])

  @doc "One of them listens on that port."
  @spec expect(node, :inet.port_number()) :: true
  def expect(guest, port), do: :ets.insert(__MODULE__, {Atom.to_string(guest), port})

  @spec forget(node) :: true
  def forget(guest), do: :ets.delete(__MODULE__, Atom.to_string(guest))

  @doc "In such a node: whom it does not know it looks for as all nodes do."
  @spec ask_others :: :ok
  def ask_others, do: keep(:others, true)

  # ---- nodes of other programs, without epmd --------------------------------------------------

  @doc "A node of another program listens on that port of its host."
  @spec meet(String.t(), :inet.port_number()) :: :ok
  def meet(name, port) do
    met = kept(:met, %{})
    if met[name] != port, do: keep(:met, Map.put(met, name, port))
    :ok
  end

  @doc "Where others listen of whom nothing is known."
  @spec assume(:inet.port_number()) :: :ok
  def assume(port), do: keep(:assumed, port)

  @doc "What others have to know of these nodes, this one or units of it: nothing where there is epmd."
  @spec known([node]) :: %{String.t() => :inet.port_number()}
  def known(nodes) do
    for node <- nodes, name = Atom.to_string(node), port = own(name), into: %{}, do: {name, port}
  end

  defp own(name), do: kept(:units, %{})[name] || if(name == "#{node()}", do: port())

  # ---- nodes of other programs of this host, which the tests of a cluster start ---------------

  @doc "These listen on those ports."
  @spec learn_peers(%{node => :inet.port_number()}) :: :ok
  def learn_peers(ports), do: keep(:peers, ports)

  @doc "What `learn_peers/1` was told."
  @spec peers :: %{node => :inet.port_number()}
  def peers, do: kept(:peers, %{})

  @doc """
  Who is asked for any other node, such as a unit of theirs: a function, with its arguments but the
  last, which is the node's name.
  """
  @spec ask_too({module, atom, [term]}) :: :ok
  def ask_too(route), do: keep(:route, route)

  # ---- what OTP calls ----------------------------------------------------------------------

  def start_link, do: :ignore

  def register_node(name, port), do: register_node(name, port, :inet)

  def register_node(_name, port, _driver) do
    keep(:port, port)
    {:ok, Enum.random(@first_creation..@last_creation)}
  end

  def listen_port_please(_name, _host), do: {:ok, 0}

  def address_please(name, host, family) do
    cond do
      port = find(name, host) ->
        with {:ok, address} <- :inet.getaddr(host, family),
             do: {:ok, address, port, @dist_version}

      kept(:others, false) ->
        :erl_epmd.address_please(name, host, family)

      true ->
        {:error, :nxdomain}
    end
  end

  def port_please(name, host), do: port_please(name, host, :infinity)

  def port_please(name, host, timeout) do
    cond do
      port = find(name, host) -> {:port, port, @dist_version}
      kept(:others, false) -> :erl_epmd.port_please(name, host, timeout)
      true -> :noport
    end
  end

  def names, do: names(~c"127.0.0.1")
  def names(_host), do: {:error, :address}

  # In the process that makes connections: one that has to wait for another one would be for ever.
  defp find(name, host) do
    if Nodes.main?() or Nodes.main() in Node.list(:connected),
      do: Nodes.on_main(__MODULE__, :port_of, ["#{name}@#{text(host)}"])
  end

  defp text(host) when is_tuple(host), do: :inet.ntoa(host)
  defp text(host), do: host

  @doc false
  def port_of(name) do
    kept(:units, %{})[name] || guest(name) || peer(name) || kept(:met, %{})[name] ||
      routed(name) || kept(:assumed)
  end

  defp peer(name), do: Enum.find_value(peers(), fn {node, port} -> "#{node}" == name && port end)

  defp routed(name) do
    with {module, function, arguments} <- kept(:route),
         do: apply(module, function, arguments ++ [name])
  end

  defp guest(name) do
    with [{_, port}] <- :ets.lookup(__MODULE__, name), do: port, else: ([] -> nil)
  rescue
    # Nobody is let in here.
    ArgumentError -> nil
  end

  defp keep(what, value), do: :persistent_term.put({__MODULE__, what}, value)
  defp kept(what, default \\ nil), do: :persistent_term.get({__MODULE__, what}, default)
end
