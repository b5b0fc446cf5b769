defmodule Rebeam.Web do
  @moduledoc """
  What a program shows over HTTP: metrics and its health, for machines, and the dashboard, for people.
  `--metrics` and `--dashboard` of the command line, or a child of an Elixir application:

      {Rebeam.Web, metrics: "0.0.0.0:9568", dashboard: "4040"}

  An address is a port, 0 for any that is free, or a host and a port; without a host it is the loopback
  address. The dashboard is for loopback addresses alone.

  | metrics | |
  | --- | --- |
  | `/metrics` | the numbers as Prometheus reads them; `/metrics.json` as JSON |
  | `/health` | 200 while the program lives |
  | `/ready` | 200 once the script's trees run, and until it stops; else 503 |

  The dashboard's page wants the token that `url/1` has. `control: true` lets it end actors and send them messages. All of it
  answers while Python's interpreter is busy: that is why it is no Python server.
  """
  # Web --+-- Connections   a process for each connection
  #       +-- History       samples for charts, with a dashboard
  #       +-- Listener      for each address: owns the socket, accepts
  use Supervisor

  alias Rebeam.Web.{History, Listener}

  @connections __MODULE__.Connections
  @most_connections 100
  @token_bytes 18

  @type address :: {:inet.ip_address(), :inet.port_number()}

  @typedoc false
  # `control?`: whether the dashboard's page may do something; `script`: what runs, for its title.
  @type config :: %{
          dashboard: address | nil,
          metrics: address | nil,
          control?: boolean,
          token: String.t(),
          script: String.t()
        }

  @type option ::
          {:dashboard | :metrics, String.t() | address}
          | {:control, boolean}
          | {:script, String.t()}

  @doc "Starts what the options ask for, once in a VM. ArgumentError for an address that is none."
  @spec start_link([option]) :: Supervisor.on_start()
  def start_link(options), do: Supervisor.start_link(__MODULE__, options, name: __MODULE__)

  @impl true
  def init(options) do
    Rebeam.Options.check!(options, [:dashboard, :metrics, :control, :script])

    config = %{
      dashboard: options[:dashboard] && loopback!(address!(options[:dashboard])),
      metrics: options[:metrics] && address!(options[:metrics]),
      control?: options[:control] == true,
      token: token(),
      script: Keyword.get(options, :script, "")
    }

    :persistent_term.put({__MODULE__, :token}, config.token)
    connections = {Task.Supervisor, name: @connections, max_children: @most_connections}
    history = if config.dashboard, do: [History], else: []

    listeners =
      for kind <- [:dashboard, :metrics], address = config[kind] do
        Supervisor.child_spec({Listener, {kind, address, config, @connections}}, id: kind)
      end

    Supervisor.init([connections | history] ++ listeners, strategy: :one_for_one)
  end

  @doc "What an address means. The error is a text."
  @spec address(String.t()) :: {:ok, address} | {:error, String.t()}
  def address(text) do
    with [_, host, port] <- Regex.run(~r/^(?:(.+):)?([0-9]{1,5})\z/, text),
         port when port < 65_536 <- String.to_integer(port),
         {:ok, ip} <- host(host) do
      {:ok, {ip, port}}
    else
      {:error, _} -> {:error, "there is no such host"}
      _ -> {:error, "an address is PORT or HOST:PORT"}
    end
  end

  defp host(""), do: {:ok, {127, 0, 0, 1}}

  defp host(host) do
    name = host |> String.trim_leading("[") |> String.trim_trailing("]") |> String.to_charlist()
    with {:error, _} <- :inet.parse_address(name), do: :inet.getaddr(name, :inet)
  end

  defp address!({_, _} = address), do: address

  defp address!(text) do
    case address(text) do
      {:ok, address} -> address
      {:error, why} -> raise ArgumentError, "#{inspect(text)}: #{why}"
    end
  end

  defp loopback!({ip, _} = address) when ip == {0, 0, 0, 0, 0, 0, 0, 1} or elem(ip, 0) == 127,
    do: address

  defp loopback!({ip, _}) do
    raise ArgumentError,
          "the dashboard is for this machine's browsers, on a loopback address, not #{:inet.ntoa(ip)}"
  end

  # From the system itself: `:crypto` would have to be there for it.
  defp token do
    {:ok, {:ok, bytes}} = File.open("/dev/urandom", [:read, :raw], &:file.read(&1, @token_bytes))
    Base.url_encode64(bytes, padding: false)
  end

  @doc "Where it is found; nil if that was not asked for."
  @spec url(:dashboard | :metrics) :: String.t() | nil
  def url(kind) do
    children = Supervisor.which_children(__MODULE__)

    with {_, listener, _, _} when is_pid(listener) <- List.keyfind(children, kind, 0),
         {ip, port} <- Listener.address(listener) do
      host = if tuple_size(ip) == 8, do: "[#{:inet.ntoa(ip)}]", else: :inet.ntoa(ip)
      "http://#{host}:#{port}/" <> page(kind)
    else
      _ -> nil
    end
  end

  defp page(:metrics), do: "metrics"
  defp page(:dashboard), do: "?token=" <> :persistent_term.get({__MODULE__, :token})

  @doc false
  # Beside the program of the command line, which says where. The error is a line.
  @spec show([option]) :: :ok | {:error, String.t()}
  def show(options) do
    case Supervisor.start_child(Rebeam.Supervisor, {__MODULE__, options}) do
      {:ok, _} ->
        for kind <- [:dashboard, :metrics], url = url(kind), do: say(kind, url)
        :ok

      {:error, reason} ->
        {:error, failure(reason)}
    end
  end

  defp say(kind, url), do: IO.puts(:stderr, "#{kind}: #{url}")

  # What the supervisors make of it, around what the listener said.
  defp failure({:listen, kind, {ip, port}, reason}) do
    why = if reason == :eaddrinuse, do: "it is taken", else: :inet.format_error(reason)
    "--#{kind}: cannot listen on port #{port} of #{:inet.ntoa(ip)}: #{why}"
  end

  defp failure({:shutdown, reason}), do: failure(reason)
  defp failure({:failed_to_start_child, _, reason}), do: failure(reason)
  defp failure({reason, child}) when is_tuple(child) and is_tuple(reason), do: failure(reason)
  defp failure(reason), do: inspect(reason)
end
