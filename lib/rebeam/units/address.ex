defmodule Rebeam.Units.Address do
  @moduledoc false
  # The names under which the nodes of a program reach each other.
  #
  # A program that the command runs without a name is a node all the same, from its beginning,
  # lest its pids change when the first unit starts: one that listens to nobody and that nobody
  # finds. Its units listen on the loopback interface, and `Rebeam.Units.Epmd` knows where.
  # One with a name is found by epmd, and so are its units, unless it has a port of its own, which
  # others are told or have too (`Epmd`); it listens, as they do, on the address
  # of its host name alone, unless it is told otherwise. Any other VM has to be a node already.

  alias Rebeam.Units.{Epmd, EpmdDaemon, Transport}

  @loopback {127, 0, 0, 1}
  @cookie_bytes 24

  @type t :: %{
          node: node,
          domain: :shortnames | :longnames,
          cookie: atom,
          interface: :inet.ip_address() | nil,
          flags: [String.t()]
        }

  @typedoc "Where the cookie of a node with a name comes from: it is told, or OTP finds it."
  @type secret :: :own_cookie | :erlang_cookie

  @doc """
  Flags for a VM that becomes a node of that kind, by `start_main/0` or `start_named/4`. The cookie is
  told then, as everybody can read flags; until then there is one that nobody else has.
  """
  @spec flags(:unnamed | :without_epmd | secret) :: [String.t()]
  def flags(kind \\ :unnamed)
  def flags(:unnamed), do: ["-epmd_module", "#{Epmd}", "-start_epmd", "false", "-nocookie"]

  def flags(:without_epmd),
    do: ["-epmd_module", "#{Epmd}", "-start_epmd", "false"] ++ flags(:own_cookie)

  def flags(:own_cookie), do: ["-setcookie", Atom.to_string(random_cookie())]
  def flags(:erlang_cookie), do: []

  @doc "Makes the VM the unnamed main node, if it was started with `flags/0`."
  @spec start_main :: :ok
  def start_main do
    if not Node.alive?() and unnamed?() do
      name = :"rebeam-#{System.pid()}@127.0.0.1"
      {:ok, _} = :net_kernel.start(name, %{name_domain: :longnames, dist_listen: false})
      true = :erlang.set_cookie(random_cookie())
    end

    :ok
  end

  @doc """
  Makes the VM a node with that name, if it was started for that. Of the options, `:port` is what it
  listens at, `:hidden` whether others hear of it, and `:listen` the text of an address; nil is the one that the configuration of kernel says, else that of the node's host name.
  """
  @spec start_named(String.t(), :longnames | :shortnames, atom | nil, map) ::
          :ok | {:error, String.t()}
  def start_named(name, domain, cookie, options) do
    start = %{name_domain: domain, hidden: options[:hidden] == :yes}

    with :ok <- listen_at(options[:port]),
         :ok <- Transport.prepare(),
         {:ok, interface} <- interface(options[:listen], name),
         :ok <- start_epmd(),
         listen_on(interface),
         level = hush(),
         {:ok, _} <- :net_kernel.start(String.to_atom(name), start) do
      :logger.set_primary_config(:level, level)
      if cookie, do: :erlang.set_cookie(cookie)
      :ok
    else
      {:error, text} when is_binary(text) -> {:error, text}
      {:error, _} -> {:error, refused(name, options[:port])}
    end
  end

  defp refused(name, nil), do: "#{name} cannot be this node's name: is it taken, or not valid?"
  defp refused(name, port), do: "#{name} cannot be a node at port #{port}: is that taken?"

  # Of a name that cannot be, OTP reports to those who look for faults in it; its last report may
  # come when the answer is there.
  defp hush do
    %{level: level} = :logger.get_primary_config()
    if Rebeam.Log.Filter.level() != :debug, do: :logger.set_primary_config(:level, :none)
    level
  end

  @doc "The address of a new unit, or why there can be none."
  @spec of_unit(String.t()) :: {:ok, t} | {:error, String.t()}
  def of_unit(name) do
    if Node.alive?() do
      [own, host] = node() |> Atom.to_string() |> String.split("@")
      domain = if :net_kernel.longnames(), do: :longnames, else: :shortnames
      node = :"#{own}-#{name}@#{host}"

      {:ok,
       %{
         node: node,
         domain: domain,
         cookie: :erlang.get_cookie(),
         interface: if(unnamed?(), do: @loopback, else: of_host(host)),
         flags: flags(kind()) ++ Transport.given()
       }}
    else
      {:error,
       ~s(isolation="process" needs a VM that is a node: start it with --sname NAME, ) <>
         "or with :net_kernel.start/2"}
    end
  end

  @doc "Whether `name` is that of a unit of the program whose main node that is."
  @spec unit_of?(String.t(), node) :: boolean
  def unit_of?(name, main) do
    [own, _] = main |> Atom.to_string() |> String.split("@")
    String.starts_with?(name, own <> "-")
  end

  @typedoc "What a worker machine has to know of a program, for its units there."
  @type lent :: %{
          own: String.t(),
          domain: :shortnames | :longnames,
          kind: :without_epmd | :own_cookie
        }

  @doc "That of this program, which has a name; or why it can have no units on other machines."
  @spec lent :: {:ok, lent} | {:error, String.t()}
  def lent do
    if Node.alive?() and not unnamed?() do
      [own, _] = node() |> Atom.to_string() |> String.split("@")
      domain = if :net_kernel.longnames(), do: :longnames, else: :shortnames
      kind = if own_discovery?(), do: :without_epmd, else: :own_cookie
      {:ok, %{own: own, domain: domain, kind: kind}}
    else
      {:error, "the program has no name by which its units find it: --name or --sname"}
    end
  end

  @doc "On a worker machine: the address of a new unit there."
  @spec of_lent(String.t(), lent) :: t
  def of_lent(name, lent) do
    [_, host] = node() |> Atom.to_string() |> String.split("@")

    %{
      node: :"#{lent.own}-#{name}@#{host}",
      domain: lent.domain,
      # Not sent: see pipe.ex.
      cookie: nil,
      interface: of_host(host),
      flags: flags(lent.kind) ++ Transport.given()
    }
  end

  @doc "On a worker machine: what its units need to be found by that program."
  @spec prepare_lent(lent) :: :ok | {:error, String.t()}
  def prepare_lent(%{kind: :without_epmd}), do: :ok
  def prepare_lent(_with_epmd), do: EpmdDaemon.start()

  @doc "In the unit: becomes that node."
  @spec start_unit(t) :: :ok
  def start_unit(address) do
    :ok = Transport.prepare()
    listen_on(address.interface)
    options = %{name_domain: address.domain, hidden: true}
    {:ok, _} = :net_kernel.start(address.node, options)
    true = :erlang.set_cookie(address.cookie)
    :ok
  end

  defp interface(nil, name) do
    case String.split(name, "@") do
      [_, host] -> {:ok, of_host(host)}
      [_] -> {:ok, :inet.gethostname() |> elem(1) |> of_host()}
    end
  end

  defp interface(text, _name) do
    with {:error, _} <- text |> String.to_charlist() |> :inet.parse_address(),
         do: {:error, "--listen is the address of an interface, not #{inspect(text)}"}
  end

  # With another transport than IPv4, or what the configuration says, the user has told already.
  defp of_host(host) do
    told = Application.get_env(:kernel, :inet_dist_use_interface)

    with true <- told == nil and Transport.ipv4?(),
         {:ok, address} <- :inet.getaddr(to_charlist(host), :inet) do
      address
    else
      _ -> told
    end
  end

  # How this VM was started.
  defp kind do
    cond do
      unnamed?() -> :unnamed
      own_discovery?() -> :without_epmd
      true -> :erlang_cookie
    end
  end

  defp listen_at(nil), do: :ok

  defp listen_at(port) do
    for key <- [:inet_dist_listen_min, :inet_dist_listen_max],
        do: Application.put_env(:kernel, key, port)

    Epmd.assume(port)
  end

  defp listen_on(nil), do: :ok
  defp listen_on(address), do: Application.put_env(:kernel, :inet_dist_use_interface, address)

  # As erlexec does where the flags name the node.
  defp start_epmd do
    if own_discovery?() or :init.get_argument(:start_epmd) == {:ok, [[~c"false"]]},
      do: :ok,
      else: EpmdDaemon.start()
  end

  # Whoever has it may run code here. Not from :crypto, which takes a while to load.
  defp random_cookie do
    {:ok, random} = :file.open("/dev/urandom", [:read, :raw, :binary])
    {:ok, bytes} = :file.read(random, @cookie_bytes)
    :file.close(random)
    bytes |> :binary.encode_hex() |> String.to_atom()
  end

  @doc "True where the VM was started with the flags of an unnamed node."
  @spec unnamed? :: boolean
  def unnamed?, do: own_discovery?() and :init.get_argument(:nocookie) != :error

  @doc "True where nodes are found without epmd."
  @spec own_discovery? :: boolean
  def own_discovery?, do: :net_kernel.epmd_module() == Epmd
end
