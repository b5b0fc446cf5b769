defmodule Rebeam.Web.Connection do
  @moduledoc false
  # One connection: requests, one after the other, and their answers. HTTP/1.1 as far as browsers,
  # Prometheus and orchestrators need it (RFC 9112): the emulator reads lines and headers; bodies have
  # a length.

  alias Rebeam.Web.{Answer, Router}

  # How long a connection may say nothing, and how long one request may take to come, in milliseconds.
  @idle 60_000
  @patience 10_000
  @most_headers 100
  @largest_body 65_536

  @reasons %{
    200 => "OK",
    303 => "See Other",
    400 => "Bad Request",
    401 => "Unauthorized",
    403 => "Forbidden",
    404 => "Not Found",
    405 => "Method Not Allowed",
    413 => "Content Too Large",
    431 => "Request Header Fields Too Large",
    500 => "Internal Server Error",
    501 => "Not Implemented",
    503 => "Service Unavailable"
  }

  @doc "Serves the socket that comes as a message, until its end."
  @spec serve({atom, map}) :: :ok
  def serve(handler) do
    receive do
      {:socket, socket} -> requests(socket, handler)
    after
      @patience -> :ok
    end
  end

  defp requests(socket, handler) do
    with {:ok, request} <- request(socket),
         answer = answer(request, handler),
         :ok <- :gen_tcp.send(socket, written(answer, request)),
         true <- request.keep? do
      requests(socket, handler)
    else
      {:refused, status} ->
        :gen_tcp.send(
          socket,
          written(Answer.plain(status, @reasons[status]), %{head?: false, keep?: false})
        )

        :gen_tcp.close(socket)

      _ ->
        :gen_tcp.close(socket)
    end
  end

  defp answer(request, handler) do
    Router.answer(request, handler)
  catch
    kind, reason ->
      # Nobody's code fails here but ours, and the log is the program's.
      Answer.plain(500, Exception.format_banner(kind, reason, __STACKTRACE__))
  end

  # ---- requests ----------------------------------------------------------------------------

  defp request(socket) do
    :inet.setopts(socket, packet: :http_bin)

    with {:ok, {:http_request, method, {:abs_path, target}, version}} <-
           :gen_tcp.recv(socket, 0, @idle),
         {:ok, headers} <- headers(socket, %{}, @most_headers),
         {:ok, body} <- body(socket, headers) do
      {:ok, made(to_string(method), target, version, headers, body)}
    else
      {:refused, status} -> {:refused, status}
      {:ok, {:http_error, _}} -> {:refused, 400}
      {:ok, _} -> {:refused, 400}
      {:error, :emsgsize} -> {:refused, 431}
      {:error, _} -> :over
    end
  end

  defp headers(_socket, _headers, 0), do: {:refused, 431}

  defp headers(socket, headers, left) do
    case :gen_tcp.recv(socket, 0, @patience) do
      {:ok, {:http_header, _, name, _, value}} ->
        headers(
          socket,
          Map.put(headers, name |> to_string() |> String.downcase(), value),
          left - 1
        )

      {:ok, :http_eoh} ->
        {:ok, headers}

      {:ok, _} ->
        {:refused, 400}

      {:error, reason} ->
        {:error, reason}
    end
  end

  defp body(_socket, %{"transfer-encoding" => _}), do: {:refused, 501}

  defp body(socket, %{"content-length" => text}) do
    case Integer.parse(text) do
      {0, ""} -> {:ok, ""}
      {length, ""} when length in 1..@largest_body -> raw(socket, length)
      {length, ""} when length > @largest_body -> {:refused, 413}
      _ -> {:refused, 400}
    end
  end

  defp body(_socket, _headers), do: {:ok, ""}

  defp raw(socket, length) do
    :inet.setopts(socket, packet: :raw)
    :gen_tcp.recv(socket, length, @patience)
  end

  defp made(method, target, version, headers, body) do
    {path, query} = split(target)
    connection = headers |> Map.get("connection", "") |> String.downcase()

    %{
      method: if(method == "HEAD", do: "GET", else: method),
      head?: method == "HEAD",
      path: path,
      query: query,
      headers: headers,
      body: body,
      keep?: version >= {1, 1} and connection != "close"
    }
  end

  defp split(target) do
    case String.split(target, "?", parts: 2) do
      [path] -> {path, %{}}
      [path, query] -> {path, decode(query)}
    end
  end

  defp decode(query) do
    URI.decode_query(query)
  rescue
    ArgumentError -> %{}
  end

  # ---- answers -----------------------------------------------------------------------------

  defp written({status, headers, body}, request) do
    body = IO.iodata_to_binary(body)

    [
      "HTTP/1.1 #{status} #{Map.fetch!(@reasons, status)}\r\n",
      for({name, value} <- headers, do: [name, ": ", value, "\r\n"]),
      "content-length: #{byte_size(body)}\r\n",
      if(request.keep?, do: "", else: "connection: close\r\n"),
      "cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n",
      if(request.head?, do: "", else: body)
    ]
  end
end
