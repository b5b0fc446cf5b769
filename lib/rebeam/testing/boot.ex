defmodule Rebeam.Testing.Boot do
  @moduledoc false
  # A node of a cluster that a test started, from its own side: `Rebeam.Testing.Cluster` is the other.
  #
  # The two have a pipe, as a unit has with its main node: it says what the node is, and whoever loses
  # it ends. So no node outlives the test's program.

  alias Rebeam.{Actor, Loader, Nodes}
  alias Rebeam.Python.Runtime
  alias Rebeam.Testing.Relay
  alias Rebeam.Units.{Address, Epmd}
  alias Rebeam.Value.Codec

  # The pipe's ends, as ports with `:nouse_stdio` have them.
  @descriptors {:fd, 3, 4}

  @agent "$rebeam.agent"

  @doc "The name of the actor that runs what a test wants done on a node."
  @spec agent :: String.t()
  def agent, do: @agent

  @doc "Before the command line is read: the VM becomes the node that it is told to be."
  @spec start :: :ok
  def start do
    {:ok, _} = :application.ensure_all_started(:elixir)
    starter = self()
    pipe = spawn(fn -> open(starter) end)
    monitor = Process.monitor(pipe)

    receive do
      {^pipe, :started} -> Process.demonitor(monitor, [:flush]) && :ok
      {:DOWN, ^monitor, :process, _, _} -> :erlang.halt(1, flush: false)
    end
  end

  defp open(starter) do
    port = Port.open(@descriptors, [:binary, :eof, packet: 4])
    Loader.seal_descriptors()

    receive do
      {^port, {:data, data}} ->
        data |> :erlang.binary_to_term() |> be_node()
        Port.command(port, :erlang.term_to_binary({:listening, Epmd.port()}))

      {^port, :eof} ->
        :erlang.halt(1, flush: false)
    end

    wait(port, starter)
  end

  # It meets the others before its program begins, as one does that was started with --connect.
  defp wait(port, starter) do
    receive do
      {^port, {:data, data}} ->
        {:meet, others} = :erlang.binary_to_term(data)
        for node <- others, do: :net_kernel.connect_node(node)
        send(starter, {self(), :started})
        wait(port, starter)

      {^port, :eof} ->
        :erlang.halt(1, flush: false)
    end
  end

  defp be_node(%{node: node, cookie: cookie, peers: peers, relay: relay}) do
    Epmd.learn_peers(peers)
    Epmd.ask_too({__MODULE__, :port_of, [relay, node]})
    Application.put_env(:kernel, :inet_dist_use_interface, {127, 0, 0, 1})
    {:ok, _} = :net_kernel.start(node, %{name_domain: :longnames})
    true = :erlang.set_cookie(cookie)
  end

  @doc """
  By which port this node reaches a unit of another one, or of the test's own program, which is no
  part of the network that the test splits; nil if there is none of that name.
  """
  @spec port_of(pid, node, String.t()) :: :inet.port_number() | nil
  def port_of(relay, node, name) do
    program = node(relay)

    case Enum.find([program | Node.list()], &Address.unit_of?(name, &1)) do
      ^program ->
        Nodes.ask(program, Epmd, :port_of, [name], Nodes.glance())

      peer when peer in [nil, node] ->
        nil

      peer ->
        through(relay, {node, peer}, Nodes.ask(peer, Epmd, :port_of, [name], Nodes.glance()))
    end
  catch
    :error, {:erpc, _} -> nil
  end

  defp through(_relay, _direction, nil), do: nil

  defp through(relay, direction, port),
    do: Nodes.ask(node(relay), Relay, :through, [relay, direction, port], Nodes.glance())

  @doc "Once the node's Python is up: there is an actor that runs what the test wants. Waits for it."
  @spec start_agent :: :ok | {:error, term}
  def start_agent do
    with true <- started?(),
         {:ok, _} <- DynamicSupervisor.start_child(Rebeam.Processes, child()) do
      :ok
    else
      false -> {:error, :starting}
      {:error, {:already_started, _}} -> :ok
      error -> error
    end
  end

  defp child do
    request = Codec.pack!({"class", "rebeam._agent", "Agent", [], %{}, []})
    options = [kind: :actor, label: @agent, name: @agent]
    %{id: Agent, start: {Actor, :start_link, [{Runtime.maker(), request}, options]}}
  end

  defp started?, do: Process.whereis(Rebeam.Processes) != nil and Runtime.started?()
end
