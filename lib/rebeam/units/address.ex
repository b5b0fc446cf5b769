defmodule Rebeam.Units.Address do
  @moduledoc false
  # The names under which the nodes of a program reach each other.
  #
  # A program that the command runs without a name is a node all the same, from its beginning,
  # lest its pids change when the first unit starts: one that listens to nobody and that nobody
  # finds. Its units listen on the loopback interface, and `Rebeam.Units.Epmd` knows where.
  # Any other VM has to be a node already, and its units are found by its epmd, as any node is.

  alias Rebeam.Units.Epmd

  @loopback {127, 0, 0, 1}
  @cookie_bytes 24

  @type t :: %{
          node: node,
          domain: :shortnames | :longnames,
          cookie: atom,
          epmd?: boolean
        }

  @doc "Flags for a VM that shall be an unnamed node."
  @spec flags :: [String.t()]
  def flags, do: ["-epmd_module", "#{Epmd}", "-start_epmd", "false", "-nocookie"]

  @doc "Makes the VM the unnamed main node, if it was started with `flags/0`."
  @spec start_main :: :ok
  def start_main do
    if not Node.alive?() and own_epmd?() do
      name = :"rebeam-#{System.pid()}@127.0.0.1"
      {:ok, _} = :net_kernel.start(name, %{name_domain: :longnames, dist_listen: false})
      true = :erlang.set_cookie(random_cookie())
    end

    :ok
  end

  @doc "The address of a new unit, or why there can be none."
  @spec of_unit(String.t()) :: {:ok, t} | {:error, String.t()}
  def of_unit(name) do
    if Node.alive?() do
      [own, host] = node() |> Atom.to_string() |> String.split("@")
      domain = if :net_kernel.longnames(), do: :longnames, else: :shortnames
      node = :"#{own}-#{name}@#{host}"
      {:ok, %{node: node, domain: domain, cookie: :erlang.get_cookie(), epmd?: not own_epmd?()}}
    else
      {:error,
       ~s(isolation="process" needs a VM that is a node: start it with --sname NAME, ) <>
         "or with :net_kernel.start/2"}
    end
  end

  @doc "In the unit: becomes that node, on the loopback interface."
  @spec start_unit(t) :: :ok
  def start_unit(address) do
    Application.put_env(:kernel, :inet_dist_use_interface, @loopback)
    options = %{name_domain: address.domain, hidden: true}
    {:ok, _} = :net_kernel.start(address.node, options)
    true = :erlang.set_cookie(address.cookie)
    :ok
  end

  # Whoever has it may run code here. Not from :crypto, which takes a while to load.
  defp random_cookie do
    {:ok, random} = :file.open("/dev/urandom", [:read, :raw, :binary])
    {:ok, bytes} = :file.read(random, @cookie_bytes)
    :file.close(random)
    bytes |> Base.encode16() |> String.to_atom()
  end

  defp own_epmd?, do: :net_kernel.epmd_module() == Epmd
end
