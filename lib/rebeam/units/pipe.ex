defmodule Rebeam.Units.Pipe do
  @moduledoc false
  # The OS process of a unit and the pipe to it (process.ex says what goes through it): of this host as a
  # port; of a worker machine as a process there, which hands on what the port does. That process ends
  # with the unit's process on the main node, also when the two nodes lose each other, and takes the OS
  # process along. So no unit outlives the program's interest in it, and none its machine's.

  alias Rebeam.Units.{Address, OsProcess}
  alias Rebeam.VM
  alias Rebeam.VM.Environment

  # A unit that dies writes no dump: that could take minutes.
  @environment [{~c"ERL_CRASH_DUMP_SECONDS", ~c"0"}]

  @doc "Starts a unit of that address on this host. Standard input is the main program's alone."
  @spec open(Address.t()) :: port
  def open(address) do
    arguments = ["-c", ~s(exec "$0" "$@" </dev/null), VM.program() | flags(address)]

    Port.open({:spawn_executable, "/bin/sh"}, [
      :binary,
      :nouse_stdio,
      :exit_status,
      packet: 4,
      args: arguments,
      env: @environment ++ Environment.flags()
    ])
  end

  defp flags(address) do
    VM.flags() ++
      ["-hidden", "-connect_all", "false"] ++
      address.flags ++ ["-s", "Elixir.Rebeam.Units.Boot", "main", "-extra"]
  end

  @doc "Whose OS process a unit of this host ends with."
  @spec owner :: %{os_pid: String.t(), birth: String.t() | nil}
  def owner, do: %{os_pid: System.pid(), birth: OsProcess.birth(System.pid())}

  # ---- on a worker machine -----------------------------------------------------------------

  @doc """
  Starts a unit of that name on a worker machine. The calling process gets `{pipe, {:spawned, address,
  os_pid}}`, then what a port would send it; the pipe's end, if the machine is lost.
  """
  @spec open_at(node, String.t(), Address.lent()) :: pid
  def open_at(machine, name, lent),
    do: Node.spawn_link(machine, __MODULE__, :init, [self(), name, lent])

  @doc "Writes a term to the pipe."
  @spec tell(pid, term) :: term
  def tell(pipe, term), do: send(pipe, {:tell, term})

  @doc false
  def init(unit, name, lent) do
    Process.flag(:trap_exit, true)
    Process.group_leader(self(), Process.whereis(:init))
    :ok = Address.prepare_lent(lent)
    address = Address.of_lent(name, lent)
    port = open(address)
    {:os_pid, os_pid} = Port.info(port, :os_pid)
    send(unit, {self(), {:spawned, address, os_pid}})
    serve(unit, port, os_pid)
  end

  defp serve(unit, port, os_pid) do
    receive do
      {:tell, term} ->
        # It may have ended in this moment.
        send(port, {self(), {:command, :erlang.term_to_binary(with_own(term, unit))}})
        serve(unit, port, os_pid)

      {^port, {:exit_status, _} = ended} ->
        send(unit, {self(), ended})
        Process.unlink(unit)

      {^port, told} ->
        send(unit, {self(), told})
        serve(unit, port, os_pid)

      # While the port is open the number is no other process's.
      {:EXIT, ^unit, _reason} ->
        OsProcess.kill(os_pid)
        Port.close(port)

      {:EXIT, ^port, _reason} ->
        send(unit, {self(), {:exit_status, 1}})
        Process.unlink(unit)

      _ ->
        serve(unit, port, os_pid)
    end
  end

  # The cookie is the one by which this machine has reached the program: it is not sent.
  defp with_own({:start, settings}, unit) do
    settings = put_in(settings.address.cookie, :erlang.get_cookie(node(unit)))
    {:start, Map.merge(settings, owner())}
  end

  defp with_own(term, _unit), do: term
end
