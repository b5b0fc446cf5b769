defmodule Rebeam.Web do
  @moduledoc false
  # What a program shows over HTTP, if it was asked to: metrics and its health, for machines, and the
  # dashboard, for people. Here and not in Python, so that it answers while Python's interpreter is
  # busy: then people look.
  #
  #   Rebeam.Web --+-- Listener      owns the socket, accepts
  #                +-- Connections   a process for each connection
  #                +-- History       samples for charts, with a dashboard
  use Supervisor

  alias Rebeam.Web.{History, Listener}

  @connections __MODULE__.Connections
  @most_connections 100
  @loopback {127, 0, 0, 1}
  @token_bytes 18

  @typedoc """
  `dashboard` and `metrics`: the addresses that were asked for, nil for none. `control?`: whether the
  dashboard's page may do something. `script`: what runs, as the command line says it.
  """
  @type config :: %{
          dashboard: {:inet.ip_address(), :inet.port_number()} | nil,
          metrics: {:inet.ip_address(), :inet.port_number()} | nil,
          control?: boolean,
          token: String.t(),
          script: String.t()
        }

  @doc "Starts what the options ask for, and says where. The error is one line."
  @spec start(map, String.t()) :: :ok | {:error, String.t()}
  def start(%{dashboard: nil, metrics: nil}, _script), do: :ok

  def start(options, script) do
    config = %{
      dashboard: options.dashboard && {@loopback, options.dashboard},
      metrics: options.metrics,
      control?: options.dashboard_control == :yes,
      token: token(),
      script: script
    }

    case Supervisor.start_child(Rebeam.Supervisor, {__MODULE__, config}) do
      {:ok, _} -> tell(config)
      {:error, reason} -> {:error, failure(reason)}
    end
  end

  # From the system itself: `:crypto` would have to be loaded for it.
  defp token do
    {:ok, {:ok, bytes}} = File.open("/dev/urandom", [:read, :raw], &:file.read(&1, @token_bytes))
    Base.url_encode64(bytes, padding: false)
  end

  # A port that nobody has chosen is not known otherwise, nor the token.
  defp tell(config) do
    for {kind, address} <- addresses(),
        do: IO.puts(:stderr, "#{kind}: #{url(kind, address, config)}")

    :ok
  end

  @doc "Where it listens, by what for."
  @spec addresses :: %{(:dashboard | :metrics) => {:inet.ip_address(), :inet.port_number()}}
  def addresses do
    for {kind, listener, _, [Listener]} <- Supervisor.which_children(__MODULE__),
        into: %{},
        do: {kind, Listener.address(listener)}
  end

  defp url(:dashboard, {_, port}, config), do: "http://127.0.0.1:#{port}/?token=#{config.token}"

  defp url(:metrics, {address, port}, _config) when tuple_size(address) == 8,
    do: "http://[#{:inet.ntoa(address)}]:#{port}/metrics"

  defp url(:metrics, {address, port}, _config),
    do: "http://#{:inet.ntoa(address)}:#{port}/metrics"

  # What the supervisors make of it, around what the listener said.
  defp failure({:listen, kind, address, port, reason}) do
    why = if reason == :eaddrinuse, do: "it is taken", else: :inet.format_error(reason)
    "--#{kind}: cannot listen on port #{port} of #{:inet.ntoa(address)}: #{why}"
  end

  defp failure({:shutdown, reason}), do: failure(reason)
  defp failure({:failed_to_start_child, _, reason}), do: failure(reason)
  defp failure({{:shutdown, reason}, _child}), do: failure(reason)
  defp failure({reason, child}) when is_tuple(child) and is_tuple(reason), do: failure(reason)
  defp failure(reason), do: inspect(reason)

  def start_link(config), do: Supervisor.start_link(__MODULE__, config, name: __MODULE__)

  @impl true
  def init(config) do
    connections = {Task.Supervisor, name: @connections, max_children: @most_connections}
    history = if config.dashboard, do: [History], else: []

    listeners =
      for {kind, {address, port}} <- Map.take(config, [:dashboard, :metrics]) do
        Supervisor.child_spec({Listener, {kind, address, port, config, @connections}}, id: kind)
      end

    Supervisor.init([connections | history] ++ listeners, strategy: :one_for_one)
  end
end
