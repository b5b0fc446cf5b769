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

  # ---- words of the command line, which become nodes beside the program --------------------

  @doc "In the process that lets them in, for as long as it lives."
  @spec expect_guests :: term
  def expect_guests, do: :ets.new(__MODULE__, [:named_table, :public])

  @doc "One of them listens on that port."
  @spec expect(node, :inet.port_number()) :: true
  def expect(guest, port), do: :ets.insert(__MODULE__, {name(guest), port})

  @spec forget(node) :: true
  def forget(guest), do: :ets.delete(__MODULE__, name(guest))

  @doc "In such a node: whom it does not know it looks for as all nodes do."
  @spec ask_others :: :ok
  def ask_others, do: :persistent_term.put({__MODULE__, :others}, true)

  # ---- what OTP calls ----------------------------------------------------------------------

  def start_link, do: :ignore

  def register_node(name, port), do: register_node(name, port, :inet)

  def register_node(_name, port, _driver) do
    :persistent_term.put({__MODULE__, :port}, port)
    {:ok, Enum.random(@first_creation..@last_creation)}
  end

  def listen_port_please(_name, _host), do: {:ok, 0}

  def address_please(name, host, family) do
    cond do
      port = find(to_string(name)) -> {:ok, @loopback, port, @dist_version}
      others?() -> :erl_epmd.address_please(name, host, family)
      true -> {:error, :nxdomain}
    end
  end

  def port_please(name, host), do: port_please(name, host, :infinity)

  def port_please(name, host, timeout) do
    cond do
      port = find(to_string(name)) -> {:port, port, @dist_version}
      others?() -> :erl_epmd.port_please(name, host, timeout)
      true -> :noport
    end
  end

  def names, do: names(~c"127.0.0.1")
  def names(_host), do: {:error, :address}

  defp find(name), do: Nodes.on_main(__MODULE__, :port_of, [name])

  @doc false
  def port_of(name) do
    ports = :persistent_term.get({__MODULE__, :ports}, %{})
    Enum.find_value(ports, fn {node, port} -> name(node) == name && port end) || guest(name)
  end

  defp guest(name) do
    with [{_, port}] <- :ets.lookup(__MODULE__, name), do: port, else: ([] -> nil)
  rescue
    # Nobody is let in here.
    ArgumentError -> nil
  end

  defp others?, do: :persistent_term.get({__MODULE__, :others}, false)

  defp name(node), do: node |> Atom.to_string() |> String.split("@") |> hd()
end
