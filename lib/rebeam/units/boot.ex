defmodule Rebeam.Units.Boot do
  @moduledoc false
  # A unit that is an OS process, from its own side: process.ex starts it and says what it is. Or a main
  # node, started by its front: then Python starts when somebody asks for it.
  #
  # Its first process reads the pipe to the main node, and ends the unit with it. All that may
  # take long is done by this server: it becomes the node, starts Python, and runs the body of
  # main.py on Python's main thread for the definitions in it.
  use GenServer

  alias Rebeam.{Bytes, Loader, Native, Nodes}
  alias Rebeam.Actor.Owner
  alias Rebeam.Python.{Ending, Runtime}
  alias Rebeam.Units.{Address, Epmd, Logs, Memory, OsProcess, Patience, Pool, Programs}
  alias Rebeam.VM.{Environment, Logging}
  alias Rebeam.Value.Codec

  # The pipe's ends, as ports with `:nouse_stdio` have them.
  @descriptors {:fd, 3, 4}
  # How often it is looked whether the main node's OS process lives, in milliseconds.
  @watch_period 500

  # ---- the pipe --------------------------------------------------------------------------------

  @doc "The entry of the VM."
  @spec main :: no_return
  def main do
    {:ok, _} = :application.ensure_all_started(:elixir)
    Environment.restore()
    Process.register(self(), __MODULE__.Pipe)
    port = Port.open(@descriptors, [:binary, :eof, packet: 4])
    Loader.seal_descriptors()
    listen(port, nil)
  end

  # This process is init's: it never ends.
  defp listen(port, server) do
    receive do
      {^port, {:data, data}} -> listen(port, command(:erlang.binary_to_term(data), port, server))
      {^port, :eof} -> halt(1)
      {:nodedown, _starter} -> halt(1)
      {:quit, text} -> quit(port, text)
      {:tell, term} -> Port.command(port, :erlang.term_to_binary(term)) && listen(port, server)
      _ -> listen(port, server)
    after
      @watch_period -> if orphan?(), do: halt(1), else: listen(port, server)
    end
  end

  @doc "Ends the unit at once; the main node hears why."
  @spec quit(String.t()) :: term
  def quit(text), do: send(__MODULE__.Pipe, {:quit, text})

  defp quit(port, text) do
    Port.command(port, :erlang.term_to_binary({:quit, text}))
    # Until it is written: the answer is the pipe's end.
    receive do
      {^port, :eof} -> halt(1)
    after
      @watch_period -> halt(1)
    end
  end

  # The pipe and the connection stay open if somebody else has inherited them from the main
  # node: what a user's code started with all its descriptors.
  defp orphan? do
    case Process.get(:starter) do
      nil -> false
      {os_pid, birth, _node} -> OsProcess.birth(os_pid) != birth
    end
  end

  defp command({:start, settings}, _port, nil) do
    Process.put(:starter, {settings.os_pid, settings.birth, settings.starter})
    {:ok, server} = GenServer.start(__MODULE__, {settings, self()}, name: __MODULE__)
    server
  end

  defp command(:connected, _port, server) do
    {_, _, starter} = Process.get(:starter)
    Node.monitor(starter, true)
    send(server, :connected)
    server
  end

  defp command(:finish, _port, server) do
    send(server, :finish)
    server
  end

  # At once, whatever Python's threads do.
  defp halt(status) do
    Native.halt(status)
  rescue
    _ -> :erlang.halt(status, flush: false)
  end

  # ---- the server ------------------------------------------------------------------------------

  @doc "Makes sure that what the program defines is there. Waits for it."
  @spec prepare(String.t()) :: :ok | {:error, String.t()}
  def prepare(digest) do
    if known?(digest), do: :ok, else: GenServer.call(__MODULE__, :prepare, :infinity)
  end

  defp known?(digest), do: :persistent_term.get({__MODULE__, :program}, nil) == digest

  @doc "The calling process is killed when its stand-in is, with no @stop of its own."
  @spec watch(pid) :: :ok
  def watch(stand_in), do: GenServer.cast(__MODULE__, {:watch, stand_in, self()})

  @impl true
  def init({settings, pipe}) do
    Process.flag(:trap_exit, true)
    {:ok, %{pipe: pipe, settings: settings, watched: %{}}, {:continue, :start}}
  end

  @impl true
  def handle_continue(:start, %{settings: settings} = state) do
    be(settings)
    System.put_env(settings.variables)
    if settings.machine, do: System.put_env("REBEAM_CRASHES", Path.expand("rebeam-crashes"))
    Application.load(:rebeam)
    Application.put_all_env(rebeam: settings.environment)
    Application.put_env(:rebeam, :machine, settings.machine)
    Logging.setup(settings.level)
    Address.start_unit(settings.address)
    send(state.pipe, {:tell, {:listening, Epmd.port()}})
    {:ok, _} = Application.ensure_all_started(:rebeam)
    Logs.relay()

    with :ok <- begin(settings),
         :ok <- connected(),
         :ok <- first_program(settings.program) do
      send(state.pipe, {:tell, :ready})
    else
      {:error, text} -> send(state.pipe, {:tell, {:failed, text}})
    end

    {:noreply, %{state | settings: nil}}
  rescue
    error ->
      send(state.pipe, {:tell, {:failed, Exception.message(error)}})
      {:noreply, state}
  end

  defp be(%{index: :main, starter: front}), do: Nodes.be_behind(front)
  defp be(%{starter: main}), do: Nodes.be_unit_of(main)

  defp begin(%{index: :main}), do: :ok

  defp begin(settings) do
    with :ok <- Runtime.start([python: settings.python], settings.arguments),
         do: Memory.guard(settings.memory, &__MODULE__.quit/1)
  end

  @impl true
  def handle_call(:prepare, _from, state) do
    {digest, program} = Programs.newest()
    {:reply, if(known?(digest), do: :ok, else: run(digest, program)), state}
  end

  @impl true
  def handle_info(:finish, state) do
    finish()
    {:noreply, state}
  end

  def handle_info(:quit, state) do
    quit(Patience.too_long())
    {:noreply, state}
  end

  def handle_info({:DOWN, monitor, :process, _, reason}, state) do
    {actor, watched} = Map.pop(state.watched, monitor)
    if reason == :killed and actor, do: Process.exit(actor, :kill)
    {:noreply, %{state | watched: watched}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def handle_cast({:watch, stand_in, actor}, state) do
    {:noreply, put_in(state.watched[Process.monitor(stand_in)], actor)}
  end

  defp connected do
    receive do
      :connected -> :ok
    end
  end

  # ---- the program -----------------------------------------------------------------------------

  defp first_program(nil), do: :ok
  defp first_program({digest, program}), do: run(digest, program)

  # On Python's main thread, as a script's body is, in a process that the body's native actor ends
  # with.
  #
  # The main node waits so long for a unit that starts, and says why it is over; a unit that is
  # up already ends by itself, after who asked for a child was told.
  defp run(digest, program) do
    timer = Process.send_after(self(), :too_long, Patience.start())
    {_, monitor} = spawn_monitor(fn -> exit({__MODULE__, run_body(program)}) end)
    result = await_body(monitor)
    Process.cancel_timer(timer)
    if result == :ok, do: :persistent_term.put({__MODULE__, :program}, digest)
    result
  end

  defp await_body(monitor) do
    receive do
      :too_long ->
        Process.send_after(self(), :quit, @watch_period)
        {:error, "a process unit " <> Patience.too_long()}

      {:DOWN, ^monitor, :process, _, {__MODULE__, result}} ->
        result
    end
  end

  defp run_body(program) do
    program = Codec.pack!(%Bytes{data: program})
    :ok = Native.python_script("unit", Nodes.machine() || "", program, true, 0)
    heed(%Owner{kind: :script})
  end

  defp heed(owner) do
    receive do
      told when elem(told, 0) == :"$rebeam" -> told |> Owner.read(owner) |> body()
    end
  end

  defp body({:over, :ended, _trees}), do: :ok
  defp body({:over, _, status}), do: {:error, "the script's body ended with status #{status}"}

  defp body({:raised, raised}),
    do: {:error, "the script's definitions could not be loaded:\n" <> raised.error.traceback}

  defp body({:heard, owner, _}), do: heed(owner)

  # ---- the end ---------------------------------------------------------------------------------

  defp finish do
    Ending.processes(Patience.processes())
    if Nodes.main?(), do: Pool.stop()
    if Runtime.started?(), do: Ending.python()
    Ending.flush()
    halt(0)
  end
end
