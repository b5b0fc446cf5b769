defmodule Rebeam.Units.Process do
  @moduledoc false
  # A unit that is an OS process: a hidden Erlang node with its own Python, seen from the main
  # node. boot.ex is the other side. So is the main node itself, seen from its front (front.ex): its
  # index is `:main`.
  #
  # The two have a pipe (descriptors 3 and 4 of the unit, so that it has the program's standard
  # output and error). It carries Erlang terms until the nodes are connected; afterwards its end
  # is what counts: who loses the other side ends. So no unit outlives its program.
  #
  # On a worker machine, a process there has the pipe (pipe.ex), and stands for the port here. If the
  # machine is lost, so are all its units.
  #
  #   spawned --:listening--> connected --:ready--> up --:finish--> ending
  #       \---------------------\----------------------\-- the OS process ends --> gone
  use GenServer

  alias Rebeam.Units.{Address, Machine, Memory, OsProcess, Patience, Pipe}

  # How long its OS process may take to end after its connection has.
  @nodedown_timeout 2_000

  # How long after its end the news of how it ended may take.
  @news_timeout 1_000

  @signals %{4 => "SIGILL", 6 => "SIGABRT", 7 => "SIGBUS", 8 => "SIGFPE", 9 => "SIGKILL"}
           |> Map.merge(%{11 => "SIGSEGV", 15 => "SIGTERM"})

  defstruct [:index, :machine, :port, :address, :os_pid, :pool, :boot, status: :spawned]

  @typedoc "A port, or on a worker machine the process that has it."
  @type pipe :: port | pid

  @spec start_link(pos_integer | :main, {String.t(), binary} | nil, pid, Machine.t() | nil) ::
          GenServer.on_start()
  def start_link(index, program, pool, machine \\ nil),
    do: GenServer.start_link(__MODULE__, {index, program, pool, machine})

  @impl true
  def init({index, program, pool, machine}) do
    Process.flag(:trap_exit, true)

    Process.put(
      :"$process_label",
      if(index == :main, do: "main node", else: "process unit #{index}")
    )

    state = %__MODULE__{index: index, pool: pool, machine: machine}
    {:ok, state, {:continue, {:spawn, program}}}
  end

  @impl true
  def handle_continue({:spawn, program}, state) do
    # Each incarnation has a name of its own: none is taken for the one before.
    kind = if state.index == :main, do: "main", else: "unit#{state.index}"
    name = "#{kind}-#{System.unique_integer([:positive])}"

    spawn_unit(name, state, program)
  end

  defp spawn_unit(name, %{machine: nil} = state, program) do
    case Address.of_unit(name) do
      {:ok, address} ->
        port = Pipe.open(address)
        {:os_pid, os_pid} = Port.info(port, :os_pid)
        {:noreply, spawned(%{state | port: port}, address, os_pid, program)}

      {:error, text} ->
        {:stop, {:shutdown, "cannot start: " <> text}, state}
    end
  end

  defp spawn_unit(name, %{machine: machine} = state, program) do
    case Address.lent() do
      {:ok, lent} ->
        pipe = Pipe.open_at(machine.node, name, lent)
        {:noreply, %{state | port: pipe, boot: program}}

      {:error, text} ->
        {:stop, {:shutdown, "cannot start: " <> text}, state}
    end
  end

  defp spawned(state, address, os_pid, program) do
    timer = Process.send_after(self(), :too_long, Patience.start())
    state = %{state | address: address, os_pid: os_pid, boot: timer}
    tell(state, {:start, settings(state, program)})
    state
  end

  @impl true
  def handle_info({pipe, {:spawned, address, os_pid}}, %{port: pipe} = state),
    do: {:noreply, spawned(state, address, os_pid, state.boot)}

  def handle_info({port, {:data, data}}, %{port: port} = state) do
    heard(:erlang.binary_to_term(data), state)
  end

  def handle_info({port, {:exit_status, 0}}, %{port: port, status: :ending} = state),
    do: {:stop, :normal, %{state | port: nil}}

  def handle_info({port, {:exit_status, status}}, %{port: port} = state) do
    {:stop, {:shutdown, "(OS process #{state.os_pid}) " <> how(status)}, %{state | port: nil}}
  end

  def handle_info({:EXIT, pipe, _reason}, %{port: pipe} = state) when is_pid(pipe),
    do: {:stop, {:shutdown, :machine_gone}, %{state | port: nil}}

  # Something was told to it when it had ended already: of what is written to a broken pipe, the
  # port ends without the exit status.
  def handle_info({:EXIT, port, _reason}, %{port: port} = state) do
    {:stop, {:shutdown, "(OS process #{state.os_pid}) ended"}, %{state | port: nil}}
  end

  def handle_info(:too_long, %{status: status} = state) when status != :up do
    {:stop, {:shutdown, Patience.too_long()}, state}
  end

  def handle_info(:known, state), do: connect(state)

  # Nothing ran in it.
  def handle_info(:finish, %{status: status} = state) when status != :up,
    do: {:stop, :normal, state}

  # One that is gone already cannot be told: a write would cost the news of how it ended.
  def handle_info(:finish, state) do
    if state.address.node in :erlang.nodes(:hidden) do
      tell(state, :finish)
      Process.send_after(self(), :kill, Patience.finish())
      {:noreply, %{state | status: :ending}}
    else
      Process.send_after(self(), :kill, @news_timeout)
      {:noreply, state}
    end
  end

  def handle_info(:kill, state), do: {:stop, :normal, %{state | status: :stuck}}

  def handle_info({:EXIT, pool, reason}, %{pool: pool} = state), do: {:stop, reason, state}

  # Its OS process has ended, which is heard in a moment, or answers no more: stopped, stuck.
  def handle_info({:nodedown, _}, state) do
    Process.send_after(self(), :unreachable, @nodedown_timeout)
    {:noreply, state}
  end

  def handle_info(:unreachable, %{status: :ending} = state), do: {:noreply, state}

  def handle_info(:unreachable, state) do
    text = "(OS process #{state.os_pid}) did not answer any more: it was ended"
    {:stop, {:shutdown, text}, state}
  end

  def handle_info(_message, state), do: {:noreply, state}

  # ---- the pipe ------------------------------------------------------------------------------

  defp heard({:listening, port}, state) do
    send(state.pool, {:unit, self(), :listening, {state.address.node, port}})
    {:noreply, state}
  end

  defp heard(:ready, state) do
    Process.cancel_timer(state.boot)
    send(state.pool, {:unit, self(), :ready, {:node, state.address.node}})
    {:noreply, %{state | status: :up}}
  end

  defp heard({:failed, text}, state), do: {:stop, {:shutdown, "did not start: " <> text}, state}

  defp heard({:quit, text}, state) do
    {:stop, {:shutdown, "(OS process #{state.os_pid}) " <> text}, state}
  end

  # The main node knows by now where it listens.
  defp connect(state) do
    if :net_kernel.hidden_connect_node(state.address.node) == true do
      Node.monitor(state.address.node, true)
      tell(state, :connected)
      {:noreply, %{state | status: :connected}}
    else
      {:stop, {:shutdown, "cannot be reached as #{state.address.node}"}, state}
    end
  end

  defp tell(%{port: pipe}, term) when is_pid(pipe), do: Pipe.tell(pipe, term)
  defp tell(%{port: port}, term), do: Port.command(port, :erlang.term_to_binary(term))

  # ---- the OS process ------------------------------------------------------------------------

  defp settings(state, program) do
    Map.merge(place(state.machine), %{
      index: state.index,
      address: state.address,
      starter: node(),
      program: program,
      variables: variables(state.machine),
      arguments: :persistent_term.get({Rebeam.Python.Runtime, :arguments}, []),
      level: Rebeam.Log.Filter.level(),
      environment: :rebeam |> Application.get_all_env() |> Keyword.delete(:python_host)
    })
  end

  # A unit of this host inherits them.
  defp variables(nil), do: %{}

  defp variables(_machine) do
    for name <- ~w(REBEAM_WARN_BLOCKED REBEAM_LOG_LOCALS REBEAM_FLIGHT_RECORDER),
        value = System.get_env(name),
        into: %{},
        do: {name, value}
  end

  # What is so where the unit is; of a machine, its pipe adds whose process that is of.
  defp place(nil) do
    Map.merge(Pipe.owner(), %{
      machine: nil,
      memory: Memory.limit(),
      python: :persistent_term.get({Rebeam.Python.Runtime, :executable}, nil)
    })
  end

  defp place(machine) do
    %{
      machine: Atom.to_string(machine.node),
      memory: machine.memory || Memory.limit(),
      python: machine.python
    }
  end

  defp how(status) when status > 128 do
    signal = status - 128
    "was killed by signal #{signal}" <> if(name = @signals[signal], do: " (#{name})", else: "")
  end

  defp how(status), do: "ended with status #{status}"

  # In order it ends by itself, with the pipe at the latest; else it may be stuck. While the port
  # is open the number is no other process's.
  @impl true
  def terminate(_reason, %{port: nil}), do: :ok
  # It ends with this process, and its OS process with it.
  def terminate(_reason, %{port: pipe}) when is_pid(pipe), do: :ok

  def terminate(_reason, state) do
    if state.status != :ending and state.os_pid,
      do: OsProcess.kill(state.os_pid)

    Port.close(state.port)
  catch
    # It ended meanwhile.
    _, _ -> :ok
  end
end
