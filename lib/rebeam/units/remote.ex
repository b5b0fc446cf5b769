defmodule Rebeam.Units.Remote do
  @moduledoc false
  # Starts the process of a child on the node of a unit, linked to its supervisor here, as
  # `proc_lib:start_link` does on one node.

  alias Rebeam.{Actor, Output, StateMachine}
  alias Rebeam.Python.Runtime
  alias Rebeam.Units.{Boot, Logs}

  @gen %{Actor => :gen_server, StateMachine => :gen_statem}

  @doc """
  The calling process is the parent. On a `far?` node, of a worker machine, what is printed comes here
  too. `:lost` if the node was gone before.
  """
  @spec start_link(node, boolean, String.t(), module, {binary, keyword, term}) ::
          {:ok, pid} | {:error, term} | {:lost, node}
  def start_link(node, far?, digest, module, child) do
    # Erlang would log that it cannot start a process there, with all its arguments.
    if node in :erlang.nodes(:hidden),
      do: do_start_link(node, [self(), {ancestors(), leader(far?)}, digest, module, child]),
      else: {:lost, node}
  end

  defp leader(far?), do: Output.leader() || if(far?, do: Process.whereis(:user))

  defp do_start_link(node, arguments) do
    {pid, monitor} = :proc_lib.spawn_opt(node, __MODULE__, :init_it, arguments, [:link, :monitor])

    receive do
      {:ack, ^pid, result} ->
        Process.demonitor(monitor, [:flush])
        result

      # OTP 26 and later.
      {:nack, ^pid, result} ->
        Process.demonitor(monitor, [:flush])
        result

      {:DOWN, ^monitor, :process, ^pid, reason} ->
        {:error, reason}
    end
    |> gone(pid)
  end

  # Its supervisor is told by the result.
  defp gone({:ok, pid}, pid), do: {:ok, pid}

  defp gone(result, pid) do
    Process.unlink(pid)

    receive do
      {:EXIT, ^pid, _} -> result
    after
      0 -> result
    end
  end

  # Names mean other processes there.
  defp ancestors do
    for each <- Process.get(:"$ancestors", []),
        pid = if(is_atom(each), do: Process.whereis(each), else: each),
        do: pid
  end

  @doc false
  def init_it(parent, {ancestors, leader}, digest, module, {request, options, how}) do
    # Of the parent proc_lib would have its name, if it has one.
    Process.put(:"$ancestors", [parent | ancestors])
    Logs.stay()
    Output.adopt(leader)
    Boot.watch(parent)
    # As proc_lib has it for the module's own start.
    Process.put(:"$initial_call", {module, :init, 1})

    case Boot.prepare(digest) do
      :ok ->
        argument = {{Runtime.maker(), request}, options, how}
        :gen.init_it(@gen[module], parent, parent, module, argument, [])

      {:error, text} ->
        :proc_lib.init_ack(parent, {:error, {:shutdown, text}})
    end
  end
end
