defmodule Rebeam.CLI.Reach.Server do
  @moduledoc false
  # In a program: says to words of the same user who it is, and lets them in. Which is Erlang's
  # distribution: a program without a name, which listens to nobody, connects itself to the node that
  # the word has become for that; one with a name tells that and its cookie.
  #
  #   word                            program
  #     --:who-->                <--info--
  #     --:reach-->              <--{:named, node, cookie, domain}--
  #                          or  <--{:be, node, cookie}--
  #     --{:listening, port}-->  <--:connected--    until the socket is closed

  alias Rebeam.CLI.{CommandLine, Options}
  alias Rebeam.CLI.Reach.Socket
  alias Rebeam.Loader
  alias Rebeam.Units.{Address, Epmd}

  # So many words are there at once; the names of their nodes are used again, as atoms stay.
  @slots 1..64
  # How long a word may take to say what is next, in milliseconds.
  @patience 5_000

  @doc "Begins, before there is code of the user's. Without such sockets, the program has none."
  @spec start(Options.t()) :: :ok
  def start(%{reachable: :no}), do: :ok

  def start(options) do
    info = %{
      pid: String.to_integer(System.pid()),
      script: Enum.join(CommandLine.words(options.target), " "),
      arguments: options.args,
      started: System.os_time(:second)
    }

    :proc_lib.start(__MODULE__, :init, [info])
    :ok
  end

  @doc false
  def init(info) do
    with {:ok, socket} <- Socket.listen() do
      Process.register(self(), __MODULE__)
      Loader.seal_descriptors()
      Epmd.expect_guests()
      :proc_lib.init_ack(:ok)
      accept(socket, info)
    else
      _ -> :proc_lib.init_ack(:error)
    end
  end

  defp accept(listening, info) do
    case Socket.accept(listening) do
      {:ok, socket} ->
        :gen_tcp.controlling_process(socket, spawn(fn -> serve(socket, info) end))
        accept(listening, info)

      :error ->
        accept(listening, info)

      {:error, :closed} ->
        :ok

      # No descriptors, for one.
      {:error, _} ->
        Process.sleep(100)
        accept(listening, info)
    end
  end

  defp serve(socket, info) do
    case Socket.receive(socket, @patience) do
      :who -> Socket.send(socket, Map.put(info, :node, name())) && serve(socket, info)
      :reach -> let_in(socket)
      _ -> :ok
    end
  end

  # Nil if it has none that others know.
  defp name, do: if(Node.alive?() and not Address.unnamed?(), do: node())

  defp let_in(socket) do
    cond do
      not Node.alive?() ->
        Socket.send(socket, {:error, "it has not started yet"})

      name() ->
        domain = if :net_kernel.longnames(), do: :longnames, else: :shortnames
        Socket.send(socket, {:named, node(), :erlang.get_cookie(), domain})

      guest = Enum.find_value(@slots, &take_slot/1) ->
        invite(socket, guest)

      true ->
        Socket.send(socket, {:error, "too many words are connected to it"})
    end
  end

  # The name is free when its process is gone, and the node of whoever had it before.
  defp take_slot(number) do
    guest = :"#{node() |> Atom.to_string() |> String.replace("@", "-guest#{number}@")}"
    Process.register(self(), guest)
    if guest in Node.list(:connected), do: Process.unregister(guest) && nil, else: guest
  rescue
    ArgumentError -> nil
  end

  defp invite(socket, guest) do
    Socket.send(socket, {:be, guest, :erlang.get_cookie()})

    with {:listening, port} <- Socket.receive(socket, @patience) do
      Epmd.expect(guest, port)

      if :net_kernel.hidden_connect_node(guest) == true,
        do: Socket.send(socket, :connected) && Socket.receive(socket, :infinity),
        else: Socket.send(socket, {:error, "it cannot connect to #{guest}"})

      Node.disconnect(guest)
      Epmd.forget(guest)
    end
  end
end
