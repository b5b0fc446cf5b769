defmodule Rebeam.Units.Epmd do
  @moduledoc false
  # How the nodes of one program find each other where there is no epmd: the main node has a
  # pipe to each unit and hears its port from it; units ask the main node.
  #
  # A module for `erl -epmd_module`; the functions are those that net_kernel and inet_tcp_dist
  # call (OTP's "How to implement an alternative node discovery").

  alias Rebeam.Nodes

  @loopback {127, 0, 0, 1}
  @dist_version 6
  # What the oldest creations mean is fixed.
  @first_creation 4
  @last_creation 0xFFFFFFFF

  @doc "The port that this node listens on; nil if it does not."
  @spec port :: :inet.port_number() | nil
  def port, do: :persistent_term.get({__MODULE__, :port}, nil)

  @doc "On the main node: which nodes listen on which ports of this host."
  @spec learn(%{node => :inet.port_number()}) :: :ok
  def learn(ports), do: :persistent_term.put({__MODULE__, :ports}, ports)

  @doc "The same of nodes of other programs of this host, which the tests of a cluster start."
  @spec learn_peers(%{node => :inet.port_number()}) :: :ok
  def learn_peers(ports), do: :persistent_term.put({__MODULE__, :peers}, ports)

  @doc "What `learn_peers/1` was told."
  @spec peers :: %{node => :inet.port_number()}
  def peers, do: :persistent_term.get({__MODULE__, :peers}, %{})

  @doc "Who is asked for any other node, such as a unit of theirs: a function, with its arguments but the last."
  @spec ask_too({module, atom, [term]}) :: :ok
  def ask_too(route), do: :persistent_term.put({__MODULE__, :route}, route)

  def start_link, do: :ignore

  def register_node(name, port), do: register_node(name, port, :inet)

  def register_node(_name, port, _driver) do
    :persistent_term.put({__MODULE__, :port}, port)
    {:ok, Enum.random(@first_creation..@last_creation)}
  end

  def listen_port_please(_name, _host), do: {:ok, 0}

  def address_please(name, _host, _family) do
    case find(to_string(name)) do
      nil -> {:error, :nxdomain}
      port -> {:ok, @loopback, port, @dist_version}
    end
  end

  def port_please(name, host), do: port_please(name, host, :infinity)

  def port_please(name, _host, _timeout) do
    case find(to_string(name)) do
      nil -> :noport
      port -> {:port, port, @dist_version}
    end
  end

  def names, do: names(~c"127.0.0.1")
  def names(_host), do: {:error, :address}

  defp find(name), do: Nodes.on_main(__MODULE__, :port_of, [name])

  @doc false
  def port_of(name) do
    ports = Map.merge(peers(), :persistent_term.get({__MODULE__, :ports}, %{}))
    Enum.find_value(ports, fn {node, port} -> name(node) == name && port end) || ask(name)
  end

  defp ask(name) do
    with {module, function, arguments} <- :persistent_term.get({__MODULE__, :route}, nil),
         do: apply(module, function, arguments ++ [name])
  end

  defp name(node), do: node |> Atom.to_string() |> String.split("@") |> hd()
end
