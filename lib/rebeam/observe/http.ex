defmodule Rebeam.Observe.Http do
  @moduledoc """
  Metrics and health over HTTP, for Prometheus and for orchestrators: `--metrics [HOST:]PORT` of the
  command line, or a child of an Elixir application:

      {Rebeam.Observe.Http, address: "9568"}

  | | |
  | --- | --- |
  | `/metrics` | the numbers as Prometheus reads them; `/metrics.json` as JSON |
  | `/health` | 200 while the program lives |
  | `/ready` | 200 once the script's trees run, and until it stops; else 503 |

  It listens on the loopback address unless a host is named. All of it answers while Python is busy.
  """

  alias Rebeam.Deadline
  alias Rebeam.Observe.Metrics
  alias Rebeam.VM.Service

  # So many connections are served at once; how long one may take to say what it wants.
  @most 32
  @patience 5_000
  # A request has no more lines.
  @lines 100

  @socket [:binary, packet: :http_bin, active: false, reuseaddr: true, backlog: 64]

  @doc false
  def child_spec(options), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [options]}}

  @doc "Listens at `:address`, a port or a host with a port; port 0 is any that is free."
  @spec start_link(address: String.t()) :: {:ok, pid} | {:error, term}
  def start_link(options) do
    case address(Keyword.fetch!(options, :address)) do
      {:ok, {host, port}} -> :proc_lib.start_link(__MODULE__, :init, [host, port])
      {:error, text} -> {:error, {:shutdown, text}}
    end
  end

  @doc "What an address means: `9568`, `0.0.0.0:9568`, `[::]:9568`, `localhost:9568`."
  @spec address(String.t()) ::
          {:ok, {:inet.ip_address(), :inet.port_number()}} | {:error, String.t()}
  def address(text) do
    with [_, host, port] <- Regex.run(~r/^(?:(.+):)?([0-9]{1,5})\z/, text),
         port when port < 65_536 <- String.to_integer(port),
         {:ok, ip} <- host(host) do
      {:ok, {ip, port}}
    else
      _ -> {:error, "an address is a port, or HOST:PORT, not #{inspect(text)}"}
    end
  end

  defp host(""), do: {:ok, {127, 0, 0, 1}}

  defp host(host) do
    name = host |> String.trim_leading("[") |> String.trim_trailing("]") |> String.to_charlist()
    with {:error, _} <- :inet.parse_address(name), do: :inet.getaddr(name, :inet)
  end

  @doc "The port that it listens at."
  @spec port(pid) :: :inet.port_number()
  def port(pid) do
    {:dictionary, dictionary} = Process.info(pid, :dictionary)
    dictionary[__MODULE__]
  end

  @doc false
  def init(host, port) do
    case :gen_tcp.listen(port, [{:ip, host} | @socket] ++ family(host)) do
      {:ok, socket} ->
        {:ok, port} = :inet.port(socket)
        Process.put(__MODULE__, port)
        Process.put(:"$process_label", "metrics at #{port}")
        :proc_lib.init_ack({:ok, self()})
        accept(socket, 0)

      {:error, reason} ->
        :proc_lib.init_ack({:error, {:shutdown, "port #{port}: #{:inet.format_error(reason)}"}})
    end
  end

  defp family(host) when tuple_size(host) == 8, do: [:inet6]
  defp family(_host), do: []

  # ---- connections ---------------------------------------------------------------------------

  defp accept(socket, served) when served >= @most do
    receive do
      {:DOWN, _, :process, _, _} -> accept(socket, served - 1)
    end
  end

  defp accept(socket, served) do
    receive do
      {:DOWN, _, :process, _, _} -> accept(socket, served - 1)
    after
      0 -> accepted(:gen_tcp.accept(socket, pause(served)), socket, served)
    end
  end

  # Who has been served is counted out in between.
  defp pause(0), do: :infinity
  defp pause(_served), do: 1000

  defp accepted({:ok, connection}, socket, served) do
    {pid, _} = spawn_monitor(fn -> receive(do: (:yours -> serve(connection))) end)
    :gen_tcp.controlling_process(connection, pid)
    send(pid, :yours)
    accept(socket, served + 1)
  end

  defp accepted({:error, :closed}, _socket, _served), do: exit(:closed)
  # Also when there are no descriptors left: it goes on when there are.
  defp accepted({:error, _}, socket, served), do: accept(socket, served)

  defp serve(connection) do
    deadline = Deadline.of(@patience)

    with {:ok, {:http_request, method, {:abs_path, path}, _}} <- read(connection, deadline),
         :ok <- skip(connection, deadline, @lines) do
      path = path |> String.split("?") |> hd()
      :gen_tcp.send(connection, method |> respond(path) |> response(method))
    end

    :gen_tcp.close(connection)
  end

  defp read(connection, deadline), do: :gen_tcp.recv(connection, 0, Deadline.left(deadline))

  defp skip(_connection, _deadline, 0), do: :error

  defp skip(connection, deadline, lines) do
    case read(connection, deadline) do
      {:ok, :http_eoh} -> :ok
      {:ok, {:http_header, _, _, _, _}} -> skip(connection, deadline, lines - 1)
      _ -> :error
    end
  end

  # ---- what is answered ------------------------------------------------------------------------

  @text "text/plain; charset=utf-8"

  defp respond(method, path) when method in [:GET, :HEAD], do: page(path)
  defp respond(_method, _path), do: {405, @text, "GET and HEAD alone\n"}

  defp page("/metrics"),
    do: {200, "text/plain; version=0.0.4; charset=utf-8", Metrics.text(Metrics.all())}

  defp page("/metrics.json"), do: {200, "application/json", Metrics.json(Metrics.all())}
  defp page("/health"), do: {200, @text, "ok\n"}

  defp page("/ready") do
    state = Service.state()
    {if(state == :ready, do: 200, else: 503), @text, "#{state}\n"}
  end

  defp page(_path), do: {404, @text, "/metrics, /metrics.json, /health and /ready\n"}

  @reasons %{
    200 => "OK",
    404 => "Not Found",
    405 => "Method Not Allowed",
    503 => "Service Unavailable"
  }

  defp response({status, type, body}, method) do
    head = [
      "HTTP/1.1 #{status} #{@reasons[status]}\r\n",
      "content-type: #{type}\r\n",
      "content-length: #{IO.iodata_length(body)}\r\n",
      if(status == 405, do: "allow: GET, HEAD\r\n", else: ""),
      "connection: close\r\n\r\n"
    ]

    if method == :HEAD, do: head, else: [head, body]
  end
end
