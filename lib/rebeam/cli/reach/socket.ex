defmodule Rebeam.CLI.Reach.Socket do
  @moduledoc false
  # Where a program listens for the words of the command line: a Unix socket in the abstract namespace
  # of Linux. It has no file, so nothing is left behind however the program ends, and it is seen where
  # the loopback interface of the program is. Everybody may connect to it: so both sides ask the
  # system whose process the other one is, and speak with the same user's alone.
  #
  # Messages are Erlang terms.

  # SOL_SOCKET and SO_PEERCRED, whose answer is pid, user and group (unix(7)).
  @peer_credentials {:raw, 1, 17, 12}
  @options [:binary, packet: 4, active: false]
  @sockets "/proc/net/unix"

  @type t :: :gen_tcp.socket()

  @doc "Listens as this OS process."
  @spec listen :: {:ok, t} | {:error, term}
  def listen do
    # Whoever has a socket of an earlier life of this process keeps its name.
    name = "#{prefix()}#{System.pid()}-#{System.os_time(:nanosecond)}"
    :gen_tcp.listen(0, [ifaddr: address(name)] ++ @options)
  end

  @doc "The programs of this user: the id of the OS process and the name of the socket of each."
  @spec all :: [{pos_integer, String.t()}]
  def all do
    pattern = ~r/ 00010000 .*@(#{prefix()}(\d+)-\d+)$/m

    with {:ok, text} <- File.read(@sockets) do
      # What a program that has ended started itself may have its socket.
      for [_, name, pid] <- Regex.scan(pattern, text),
          File.exists?("/proc/#{pid}"),
          do: {String.to_integer(pid), name}
    else
      _ -> []
    end
  end

  @doc "Connects to a socket of that name. The error is that it is not this user's, or is gone."
  @spec connect(String.t(), timeout) :: {:ok, t} | :error
  def connect(name, timeout) do
    with {:ok, socket} <- :gen_tcp.connect(address(name), 0, @options, timeout),
         do: own(socket),
         else: (_ -> :error)
  end

  @doc "The next who connects, if it is this user."
  @spec accept(t) :: {:ok, t} | :error | {:error, term}
  def accept(listening), do: with({:ok, socket} <- :gen_tcp.accept(listening), do: own(socket))

  @spec send(t, term) :: :ok | {:error, term}
  def send(socket, term), do: :gen_tcp.send(socket, :erlang.term_to_binary(term))

  @doc "What the other side says next; nil if it does not in that time, or is gone."
  @spec receive(t, timeout) :: term
  def receive(socket, timeout) do
    with {:ok, data} <- :gen_tcp.recv(socket, 0, timeout),
         do: :erlang.binary_to_term(data),
         else: (_ -> nil)
  end

  defp own(socket) do
    with {:ok, [{:raw, 1, 17, <<_pid::32, user::native-32, _group::32>>}]} <-
           :inet.getopts(socket, [@peer_credentials]),
         true <- user == user() do
      {:ok, socket}
    else
      _ -> :gen_tcp.close(socket) && :error
    end
  end

  defp address(name), do: {:local, <<0, name::binary>>}
  defp prefix, do: "rebeam-#{user()}-"
  defp user, do: File.stat!("/proc/self").uid
end
