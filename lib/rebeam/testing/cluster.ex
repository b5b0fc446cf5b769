defmodule Rebeam.Testing.Cluster do
  @moduledoc false
  # The nodes that a test started, with a network between them that the test can split
  # (python/rebeam/testing.py). Each is an OS process with a program of its own, as `rebeam main.py`
  # runs it; boot.ex is its side.
  #
  #   spawned --:listening--> connected --the agent is there--> up --kill--> gone --restart--> spawned
  #
  # This VM sees them as a hidden node does, past the relay: so what the test itself asks is answered
  # whatever the network between them does.
  use GenServer

  alias Rebeam.{Deadline, Nodes, PythonError, VM}
  alias Rebeam.Testing.{Boot, Relay}
  alias Rebeam.Units.{Address, Epmd, OsProcess}
  alias Rebeam.VM.Environment

  @start_timeout 60_000
  @poll 20
  @end_timeout 5_000
  @meet_timeout 10_000

  @gone %{port: nil, os_pid: nil, up?: false, begun?: false, frozen?: false}

  @typedoc "`arguments`: what the command line of a node ends with; `environment`: what it has more."
  @type settings :: %{
          arguments: [String.t()],
          environment: [{String.t(), String.t()}],
          cd: Path.t()
        }

  @doc "Starts so many nodes; answers once all of them are up."
  @spec start(pos_integer, settings) :: {:ok, pid, [node]} | {:error, String.t()}
  def start(count, settings) do
    with :ok <- nameless() do
      nodes = for _ <- 1..count, do: new_name()
      {:ok, pid} = GenServer.start(__MODULE__, {nodes, settings})

      case up(pid, nodes) do
        :ok -> meet(pid) && {:ok, pid, nodes}
        error -> stop(pid) && error
      end
    end
  end

  # Only such a VM finds nodes without epmd.
  defp nameless do
    if Node.alive?() and Address.unnamed?(),
      do: :ok,
      else: {:error, "a program with --name or --sname starts no test cluster: run it without"}
  end

  defp new_name do
    number = :atomics.add_get(numbers(), 1, 1)
    :"n#{number}@127.0.0.1"
  end

  defp numbers do
    with nil <- :persistent_term.get(__MODULE__, nil) do
      :persistent_term.put(__MODULE__, :atomics.new(1, []))
      :persistent_term.get(__MODULE__)
    end
  end

  defp up(pid, nodes), do: Enum.find_value(nodes, :ok, &await_up(pid, &1))

  defp await_up(pid, node) do
    with :ok <- GenServer.call(pid, {:await, node}, :infinity),
         :ok <- start_agent(pid, node, Deadline.of(@start_timeout)) do
      nil
    end
  end

  # Its Python takes a while.
  defp start_agent(pid, node, deadline) do
    case ask_for_agent(node) do
      :ok ->
        :ok

      # Nothing that waiting would mend.
      {:error, {%PythonError{} = error, _}} ->
        {:error, "#{node} did not start: #{error.message}"}

      {:error, reason} ->
        cond do
          not GenServer.call(pid, {:running?, node}) -> {:error, "#{node} ended while it started"}
          Deadline.over?(deadline) -> {:error, "#{node} did not start: #{inspect(reason)}"}
          true -> Process.sleep(@poll) && start_agent(pid, node, deadline)
        end
    end
  end

  defp ask_for_agent(node) do
    :erpc.call(node, Boot, :start_agent, [], @start_timeout)
  catch
    _, reason -> {:error, reason}
  end

  @doc "Ends all nodes: in order if they do that at once, else by force."
  @spec stop(pid) :: :ok
  def stop(pid) do
    GenServer.stop(pid, :normal, :infinity)
  catch
    :exit, _ -> :ok
  end

  @doc "Kills a node, as a power failure would."
  @spec kill(pid, node) :: :ok
  def kill(pid, node), do: GenServer.call(pid, {:kill, node}, :infinity)

  @doc "Stops its OS process where it is, or has it go on."
  @spec freeze(pid, node, boolean) :: :ok
  def freeze(pid, node, frozen?), do: GenServer.call(pid, {:freeze, node, frozen?})

  @doc "Starts a node again that was killed, under its name; answers once it is up."
  @spec restart(pid, node) :: :ok | {:error, String.t()}
  def restart(pid, node) do
    with :ok <- GenServer.call(pid, {:restart, node}),
         :ok <- up(pid, [node]),
         do: meet(pid)
  end

  @doc "The nodes that run connect to each other where they can. Waits for that."
  @spec meet(pid) :: :ok
  def meet(pid) do
    pid
    |> GenServer.call(:open)
    |> Enum.map(fn {node, other} ->
      :erpc.send_request(node, :net_kernel, :connect_node, [other])
    end)
    |> Enum.each(&met/1)
  end

  # One that is frozen does not answer.
  defp met(request) do
    :erpc.receive_response(request, @meet_timeout)
  catch
    _, _ -> :ok
  end

  @doc "The way of the bytes from one node to another."
  @spec set(pid, {node, node}, Relay.way()) :: :ok
  def set(pid, direction, way), do: GenServer.call(pid, {:set, direction, way})

  @doc "By which port this VM reaches a unit of one of the nodes; nil if none has one of that name."
  @spec port_of(String.t()) :: :inet.port_number() | nil
  def port_of(name) do
    with node when node != nil <- Enum.find(Map.keys(Epmd.peers()), &Address.unit_of?(name, &1)),
         do: Nodes.ask(node, Epmd, :port_of, [name], Nodes.glance())
  catch
    :error, {:erpc, _} -> nil
  end

  # ---- the server ----------------------------------------------------------------------------

  @impl true
  def init({nodes, settings}) do
    Process.flag(:trap_exit, true)
    {:ok, relay} = Relay.start_link(nodes)
    state = %{relay: relay, settings: settings, nodes: %{}, waiting: %{}}
    {:ok, Enum.reduce(nodes, state, &spawn_node(&2, &1))}
  end

  defp spawn_node(state, node) do
    port =
      Port.open({:spawn_executable, "/bin/sh"}, [
        :binary,
        :nouse_stdio,
        :exit_status,
        packet: 4,
        cd: state.settings.cd,
        args: ["-c", ~s(exec "$0" "$@" </dev/null), VM.program() | flags(state.settings)],
        env: environment(state.settings)
      ])

    {:os_pid, os_pid} = Port.info(port, :os_pid)
    peers = Relay.peers(state.relay, node)
    # The program's own, as its units and those of the nodes reach each other, too.
    settings = %{node: node, cookie: :erlang.get_cookie(), peers: peers, relay: state.relay}
    Port.command(port, :erlang.term_to_binary(settings))
    put_in(state.nodes[node], %{@gone | port: port, os_pid: os_pid})
  end

  defp flags(settings) do
    VM.flags() ++
      Address.flags() ++
      ["-rebeam", "applications", "[rebeam]", "-s", "Elixir.Rebeam.Testing.Boot"] ++
      ["-s", "Elixir.Rebeam.CLI", "main", "-extra" | settings.arguments]
  end

  defp environment(settings) do
    Environment.flags() ++
      for {name, value} <- settings.environment,
          do: {String.to_charlist(name), String.to_charlist(value)}
  end

  @impl true
  def handle_call({:await, node}, from, state) do
    case state.nodes[node] do
      %{up?: true} -> {:reply, :ok, state}
      %{port: nil} -> {:reply, ended(node), state}
      _ -> {:noreply, put_in(state.waiting[node], from)}
    end
  end

  def handle_call({:running?, node}, _from, state),
    do: {:reply, state.nodes[node].port != nil, state}

  def handle_call({:kill, node}, from, state) do
    case state.nodes[node] do
      %{port: nil} ->
        {:reply, :ok, state}

      %{os_pid: os_pid} ->
        OsProcess.kill(os_pid)
        {:noreply, put_in(state.waiting[node], from)}
    end
  end

  def handle_call({:freeze, node, frozen?}, _from, state) do
    with %{port: port, os_pid: os_pid} when port != nil <- state.nodes[node],
         do: OsProcess.freeze(os_pid, frozen?)

    {:reply, :ok, put_in(state.nodes[node].frozen?, frozen?)}
  end

  def handle_call({:restart, node}, _from, state) do
    if state.nodes[node].port,
      do: {:reply, {:error, "#{node} runs"}, state},
      else: {:reply, :ok, spawn_node(state, node)}
  end

  def handle_call({:set, direction, way}, _from, state),
    do: {:reply, Relay.set(state.relay, direction, way), state}

  def handle_call(:open, _from, state), do: {:reply, open(state), state}

  # Pairs of nodes that may meet.
  defp open(state) do
    up = for {node, %{up?: true, frozen?: false}} <- state.nodes, do: node

    for one <- up,
        other <- up,
        one < other,
        Relay.open?(state.relay, one, other),
        do: {one, other}
  end

  @impl true
  def handle_info({port, {:data, data}}, state) when is_port(port) do
    with {node, _} <- find(state, port),
         {:listening, listens} <- :erlang.binary_to_term(data) do
      Relay.listens(state.relay, node, listens)
      connect(node, listens)
      {:noreply, begin(put_in(state.nodes[node].up?, true))}
    else
      _ -> {:noreply, state}
    end
  end

  # Its end was asked for, or is news to who waits for its start.
  def handle_info({port, {:exit_status, _}}, state) when is_port(port) do
    case find(state, port) do
      {node, %{up?: up?}} ->
        Relay.listens(state.relay, node, nil)
        state = put_in(state.nodes[node], @gone)
        {:noreply, answer(state, node, if(up?, do: :ok, else: ended(node)))}

      nil ->
        {:noreply, state}
    end
  end

  def handle_info(_message, state), do: {:noreply, state}

  # Once all that start are there.
  defp begin(state) do
    starting = for {node, %{port: port, begun?: false}} <- state.nodes, port != nil, do: node

    if Enum.all?(starting, &state.nodes[&1].up?),
      do: Enum.reduce(starting, state, &begin/2),
      else: state
  end

  defp begin(node, state) do
    others =
      for {one, two} <- open(state), node in [one, two], other <- [one, two] -- [node], do: other

    Port.command(state.nodes[node].port, :erlang.term_to_binary({:meet, others}))
    answer(put_in(state.nodes[node].begun?, true), node, :ok)
  end

  defp connect(node, port) do
    Epmd.learn_peers(Map.put(Epmd.peers(), node, port))
    Epmd.ask_too({__MODULE__, :port_of, []})
    :net_kernel.hidden_connect_node(node)
  end

  defp find(state, port), do: Enum.find(state.nodes, fn {_, each} -> each.port == port end)

  defp answer(state, node, result) do
    {from, waiting} = Map.pop(state.waiting, node)
    if from, do: GenServer.reply(from, result)
    %{state | waiting: waiting}
  end

  defp ended(node), do: {:error, "#{node} ended while it started: what it said is above"}

  # By force in the end, and also what is frozen. A pipe that is closed ends a node at once.
  @impl true
  def terminate(_reason, state) do
    running =
      for {_, %{port: port, os_pid: os_pid}} when port != nil <- state.nodes, do: {port, os_pid}

    for {_, os_pid} <- running, do: OsProcess.kill(os_pid)
    deadline = Deadline.of(@end_timeout)
    for {port, _} <- running, do: await_end(port, deadline)
    Epmd.learn_peers(Map.drop(Epmd.peers(), Map.keys(state.nodes)))
  end

  defp await_end(port, deadline) do
    receive do
      {^port, {:exit_status, _}} -> :ok
    after
      Deadline.left(deadline) -> :ok
    end
  end
end
