defmodule Rebeam.CLI.Options do
  @moduledoc false
  # What can be said of a run. Each option can be said in three places, of which the first counts:
  #
  #   --max-restarts 3               on the command line, before the script (CommandLine)
  #   REBEAM_MAX_RESTARTS=3          in the environment
  #   max-restarts = 3               in [tool.rebeam] of pyproject.toml       (Settings)

  alias Rebeam.Cluster.Spec
  alias Rebeam.Web

  @levels ~w(debug info notice warning error critical alert emergency none)a

  # In the order of `rebeam config`: the key in the result, how its value is read, its default.
  @table [
    python: {:text, nil},
    isolation: {{:one_of, ~w(shared interpreter process)a}, :shared},
    workers: {:count, nil},
    unit_memory: {:bytes, nil},
    restart: {{:one_of, ~w(never on_failure always)a}, :never},
    max_restarts: {:count, 3},
    max_seconds: {:positive, 5},
    watch: {:switch, :no},
    name: {:text, nil},
    sname: {:text, nil},
    cookie_file: {:text, nil},
    cookie: {:text, nil},
    listen: {:text, nil},
    port: {:port, nil},
    tls: {:text, nil},
    connect: {:texts, []},
    cluster: {:cluster, nil},
    cluster_size: {:positive, nil},
    cluster_lease: {:positive, 4},
    hidden: {:switch, :no},
    reachable: {{:one_of, ~w(yes no)a}, :yes},
    log_level: {{:one_of, @levels}, nil},
    log_format: {{:one_of, ~w(text json)a}, :text},
    warn_blocked: {:count, 10},
    log_locals: {:switch, :no},
    flight_recorder: {:count, 0},
    dashboard: {:own_port, nil},
    dashboard_control: {:switch, :no},
    metrics: {:address, nil}
  ]
  @keys Keyword.keys(@table)
  @flags Map.new(@keys, &{"--" <> (&1 |> Atom.to_string() |> String.replace("_", "-")), &1})

  @node_name ~r/^[A-Za-z0-9_-]+@[A-Za-z0-9_.:-]+\z/
  # The host's name is found.
  @own_name ~r/^[A-Za-z0-9_-]+(@[A-Za-z0-9_.:-]+)?\z/
  @longest 255

  @units %{"K" => 1024, "M" => 1024 ** 2, "G" => 1024 ** 3}

  # `switches` are CPython's own. `argv` is the command line for the VM that runs it: the same,
  # without the cookie. `origins` says where each option was said that was.
  defstruct [target: nil, args: [], switches: [], argv: [], origins: %{}] ++
              for({key, {_kind, default}} <- @table, do: {key, default})

  @type key :: atom
  @type t :: %__MODULE__{
          target:
            {:script, Path.t()}
            | {:module, String.t()}
            | {:command, String.t()}
            | :prompt
            | :remote
            | nil,
          args: [String.t()],
          switches: [String.t()],
          argv: [String.t()],
          origins: %{key => String.t()},
          restart: :never | :on_failure | :always,
          max_restarts: non_neg_integer,
          max_seconds: pos_integer,
          watch: :yes | :no,
          isolation: :shared | :interpreter | :process,
          workers: non_neg_integer | nil,
          unit_memory: pos_integer | nil,
          python: Path.t() | nil,
          name: String.t() | nil,
          sname: String.t() | nil,
          cookie: String.t() | nil,
          cookie_file: Path.t() | nil,
          listen: String.t() | nil,
          port: :inet.port_number() | nil,
          tls: Path.t() | nil,
          connect: [String.t()],
          cluster: Spec.t() | nil,
          cluster_size: pos_integer | nil,
          cluster_lease: pos_integer,
          hidden: :yes | :no,
          reachable: :yes | :no,
          log_level: atom,
          log_format: :text | :json,
          warn_blocked: non_neg_integer,
          log_locals: :no | :yes,
          flight_recorder: non_neg_integer,
          dashboard: Web.address() | nil,
          dashboard_control: :no | :yes,
          metrics: Web.address() | nil
        }

  @doc "All there are."
  @spec keys :: [key]
  def keys, do: @keys

  @doc "All, as they are on the command line."
  @spec flags :: %{String.t() => key}
  def flags, do: @flags

  @doc "The words that it may have; nil if these are not all."
  @spec choices(key) :: [String.t()] | nil
  def choices(key) do
    with {:one_of, words} <- elem(@table[key], 0),
         do: Enum.map(words, &shown/1),
         else: (_ -> nil)
  end

  @doc "Whether it says yes by itself: `--watch` is `--watch=yes`."
  @spec switch?(key) :: boolean
  def switch?(key), do: elem(@table[key], 0) == :switch

  @doc "Its name in the environment."
  @spec variable(key) :: String.t()
  def variable(key), do: "REBEAM_" <> (key |> Atom.to_string() |> String.upcase())

  @doc "Its name in pyproject.toml."
  @spec setting(key) :: String.t()
  def setting(key), do: key |> Atom.to_string() |> String.replace("_", "-")

  @doc "Whether its value is a list."
  @spec list?(key) :: boolean
  def list?(key), do: elem(@table[key], 0) == :texts

  @doc """
  With a value that was said as `text` in the place `origin`, which an error names. What is a list
  gets one more.
  """
  @spec put(t, key, String.t(), String.t()) :: {:ok, t} | {:error, String.t()}
  def put(options, key, text, origin) do
    {kind, _default} = @table[key]

    with {:ok, value} <- read(kind, origin, text) do
      value = if kind == :texts, do: Map.get(options, key) ++ [value], else: value
      {:ok, %{Map.put(options, key, value) | origins: Map.put(options.origins, key, origin)}}
    end
  end

  defp read({:one_of, allowed}, name, text) do
    names = Enum.map(allowed, &shown/1)

    case Enum.find_index(names, &(&1 == text)) do
      nil -> {:error, "#{name} is one of #{Enum.join(names, ", ")}, not #{inspect(text)}"}
      index -> {:ok, Enum.at(allowed, index)}
    end
  end

  defp read(:switch, name, text), do: read({:one_of, [:yes, :no]}, name, text)
  defp read(:count, name, text), do: number(name, text, 0)

  defp read(:port, name, text) do
    case Integer.parse(text) do
      {port, ""} when port in 1..65_535 -> {:ok, port}
      _ -> {:error, "#{name} is a port from 1 to 65535, not #{inspect(text)}"}
    end
  end

  defp read(:positive, name, text), do: number(name, text, 1)

  # Of this host, unless it names another address.
  defp read(:own_port, name, text) do
    case text =~ ~r/^[0-9]+\z/ && Web.address(text) do
      {:ok, address} -> {:ok, address}
      _ -> {:error, "#{name} is a port, a number up to 65535 (0: any), not #{inspect(text)}"}
    end
  end

  defp read(:address, name, text) do
    with {:error, why} <- Web.address(text),
         do: {:error, "#{name} is [HOST:]PORT, not #{inspect(text)}: #{why}"}
  end

  defp read(:bytes, name, text) do
    case Integer.parse(text) do
      {number, unit} when number > 0 and is_map_key(@units, unit) -> {:ok, number * @units[unit]}
      _ -> {:error, "#{name} is a size such as 500M or 2G, not #{inspect(text)}"}
    end
  end

  defp read(:cluster, name, text) do
    with {:error, why} <- Spec.parse(text), do: {:error, "#{name} #{inspect(text)}: #{why}"}
  end

  defp read(_text, name, ""), do: {:error, "#{name} needs a value, not \"\""}
  defp read(_text, _name, text), do: {:ok, text}

  defp number(name, text, least) do
    case Integer.parse(text) do
      {number, ""} when number >= least -> {:ok, number}
      _ -> {:error, "#{name} is a whole number of at least #{least}, not #{inspect(text)}"}
    end
  end

  @doc "A value as it would be said."
  @spec shown(term) :: String.t()
  def shown(value) when is_atom(value), do: value |> Atom.to_string() |> String.replace("_", "-")
  def shown({address, port}) when is_tuple(address), do: "#{:inet.ntoa(address)}:#{port}"
  def shown({:list, names}), do: Enum.join(names, ",")
  def shown({:file, path}), do: "file:" <> path
  def shown({:dns, nil, host}), do: "dns:" <> host
  def shown({:dns, base, host}), do: "dns:#{base}@#{host}"
  def shown({:multicast, {address, port}}), do: "multicast:#{:inet.ntoa(address)}:#{port}"
  def shown(value), do: "#{value}"

  @doc "The node that the options ask for, and how its name is; nil if they ask for none."
  @spec node_name(t) :: {String.t(), :longnames | :shortnames} | nil
  def node_name(%{name: name}) when name != nil, do: {name, :longnames}
  def node_name(%{sname: name}) when name != nil, do: {name, :shortnames}
  def node_name(_options), do: nil

  @doc "Whether that is the name of a node, with its host's."
  @spec node_name?(String.t()) :: boolean
  def node_name?(text), do: byte_size(text) <= @longest and text =~ @node_name

  @doc "Which interpreter they ask for, as `Rebeam.Python.find/1` takes it."
  @spec python(t) :: keyword
  def python(options) do
    script = with {:script, path} <- options.target, do: path, else: (_ -> nil)
    [python: options.python, asked_by: options.origins[:python], script: script]
  end

  @doc "For a prompt in another program: what there is here has one shared Python, and ends with it."
  @spec alone(t) :: t
  def alone(options) do
    defaults =
      Map.take(%__MODULE__{}, [
        :isolation,
        :restart,
        :name,
        :sname,
        :connect,
        :cluster,
        :port,
        :tls
      ])

    Map.merge(%{options | reachable: :no}, defaults)
  end

  @doc "Whether they go together. The error is one line."
  @spec check(t) :: :ok | {:error, String.t()}
  def check(options) do
    with :ok <- again(options),
         :ok <- some_workers(options),
         :ok <- one_name(options),
         :ok <- named(options),
         do: valid(options)
  end

  defp again(%{restart: :never}), do: :ok
  defp again(%{target: {:script, path}}) when path != "-", do: :ok
  defp again(%{target: {:module, _}}), do: :ok

  defp again(options) do
    {:error,
     "#{options.origins.restart} needs a script in a file: " <>
       "standard input, -c and the prompt are there once"}
  end

  defp some_workers(%{workers: 0, isolation: :interpreter} = options) do
    {:error,
     "#{options.origins.workers} 0 is for processes, which other machines have: an interpreter is here"}
  end

  defp some_workers(_), do: :ok

  defp one_name(%{name: name, sname: sname, origins: origins})
       when is_binary(name) and is_binary(sname),
       do: {:error, "#{origins.name} #{name} and #{origins.sname} #{sname}: a node has one name"}

  defp one_name(_), do: :ok

  defp named(%{name: nil, sname: nil} = options) do
    needing =
      [connect: options.connect != [], cluster: options.cluster, port: options.port] ++
        [tls: options.tls]

    case Enum.find(needing, fn {_, said} -> said end) do
      nil ->
        :ok

      {key, _} ->
        {:error,
         "#{options.origins[key]} #{options |> Map.get(key) |> List.wrap() |> Enum.map_join(" ", &shown/1)} needs a name for this node: --name or --sname"}
    end
  end

  defp named(_), do: :ok

  # As OTP has them, which says it at length.
  defp valid(options) do
    own = for key <- [:name, :sname], name = Map.get(options, key), do: {key, name, @own_name}
    others = for name <- options.connect, do: {:connect, name, @node_name}

    Enum.find_value(own ++ others, :ok, fn {key, name, valid} ->
      if byte_size(name) > @longest or not (name =~ valid),
        do: {:error, "#{options.origins[key]} is a node's name, NAME@HOST, not #{inspect(name)}"}
    end)
  end
end
