defmodule Rebeam.Output do
  @moduledoc false
  # What Python prints goes to the group leader of whoever started what prints it, as what Elixir
  # prints does. A process inherits its group leader, so each native actor knows its own one, by a
  # number (c_src/output/output.h); threads have that of what started them.
  #
  #   print --number, bytes--> this server, the relay --io request--> group leader
  #     ^------------------------- written <----------- io reply --------/
  #
  # Who prints waits for the reply, as in Elixir; the relay waits for nobody. What has no line's end
  # yet waits a moment for the rest of the line, so that the lines of several writers do not mix.
  #
  # A group leader that is this VM's own `user`, or that of an application, which hands all to it, has
  # the number 0: Python writes to the descriptors of the OS process then. So it is for all that the
  # command runs. What a group leader cannot get any more, as it ended, goes to `user`.
  use GenServer

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Output.{Outlet, Sink}

  # {leader, number} of each, and {number, leader, origin}; the two are the same process, but for an
  # outlet and what it stands for, which both are in the table.
  @table __MODULE__
  # How long the beginning of a line waits for its rest, in milliseconds.
  @rest_timeout 200
  # How long a group leader may take for what is left at the end, in milliseconds.
  @flush_timeout 5_000

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Has the native part send to this server. Call once the library is loaded."
  @spec attach :: :ok
  def attach do
    GenServer.call(__MODULE__, :attach)
  catch
    # It does so itself, when it starts later.
    :exit, {:noproc, _} -> :ok
  end

  @doc "The number of the calling process's group leader."
  @spec number :: non_neg_integer
  def number do
    leader = Process.group_leader()

    case known(leader) do
      [{_, number}] -> number
      [] -> if own?(leader), do: 0, else: ask(leader)
    end
  end

  @doc """
  The group leader of the calling process, for what is started elsewhere in its place; nil if that
  is the terminal of the program.
  """
  @spec leader :: pid | nil
  def leader do
    leader = Process.group_leader()

    cond do
      origin = origin(leader) -> origin
      own?(leader) -> nil
      true -> leader
    end
  end

  @doc "What a group leader of this node stands for, which may be itself; nil of one that is not known."
  @spec origin(pid) :: pid | nil
  def origin(leader) do
    with [{_, number}] <- known(leader), [{_, _, origin}] <- known(number) do
      origin
    else
      _ -> nil
    end
  end

  @doc "The calling process has that group leader from now on; also by its number."
  @spec adopt(pid | nil | non_neg_integer) :: term
  def adopt(nothing) when nothing in [nil, 0], do: :ok
  def adopt(leader) when is_pid(leader) and node(leader) != node(), do: adopt(ask(leader))
  def adopt(leader) when is_pid(leader), do: Process.group_leader(self(), leader)

  def adopt(number) do
    with [{_, leader, _}] <- known(number), do: Process.group_leader(self(), leader)
  end

  @doc "Applies a function with that group leader, which what it starts inherits."
  @spec with_leader(pid | nil, module, atom, list) :: term
  def with_leader(leader, module, function, arguments) do
    before = Process.group_leader()
    adopt(leader)

    try do
      apply(module, function, arguments)
    after
      Process.group_leader(self(), before)
    end
  end

  @doc "Waits until the calling process's group leader has all that was printed for it."
  @spec flush :: :ok
  def flush do
    with [{_, number}] <- known(Process.group_leader()),
         do: GenServer.call(__MODULE__, {:flush, number}, @flush_timeout)

    :ok
  catch
    :exit, _ -> :ok
  end

  defp ask(leader), do: GenServer.call(__MODULE__, {:number, leader}, :infinity)

  defp known(key) do
    :ets.lookup(@table, key)
  rescue
    # The application does not run.
    ArgumentError -> []
  end

  # Of an application's process the group leader is its master, which hands all to `user`. What runs
  # in a unit for nobody of the main node's prints where the unit does.
  defp own?(leader) do
    leader in [Process.whereis(:user), Process.whereis(:init)] or
      not (Nodes.main?() or Nodes.front?()) or
      Process.whereis(__MODULE__) == nil or :application.get_application(self()) != :undefined
  end

  # ---- the relay -------------------------------------------------------------------------------

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    :ets.new(@table, [:named_table, :protected, read_concurrency: true])
    if Native.loaded?(), do: Native.output_attach()
    {:ok, %{}}
  end

  @impl true
  def handle_call(:attach, _from, sinks), do: {:reply, Native.output_attach(), sinks}

  def handle_call({:number, leader}, _from, sinks) do
    case known(leader) do
      [{_, number}] -> {:reply, number, sinks}
      [] -> {:reply, new(leader), sinks}
    end
  end

  def handle_call({:flush, number}, from, sinks),
    do: {:noreply, update(sinks, number, &Sink.flush(&1, {:caller, from}))}

  def handle_call(_request, _from, sinks), do: {:reply, {:error, :not_a_rebeam_call}, sinks}

  # Never given twice, also not after this server's own restart: actors remember it.
  defp new(origin) do
    leader = if node(origin) == node(), do: origin, else: Outlet.start(origin)
    Process.monitor(leader)
    number = System.unique_integer([:positive])
    :ets.insert(@table, [{origin, number}, {leader, number}, {number, leader, origin}])
    number
  end

  @impl true
  def handle_cast(_message, sinks), do: {:noreply, sinks}

  @impl true
  def handle_info({:"$rebeam", :printed, number, writer, bytes, 0}, sinks) do
    unless Sink.waits?(sinks[number]), do: look_again(number)
    {:noreply, update(sinks, number, &Sink.keep(&1, writer, bytes))}
  end

  def handle_info({:"$rebeam", :printed, number, writer, bytes, sequence}, sinks),
    do: {:noreply, update(sinks, number, &Sink.print(&1, writer, bytes, {:thread, sequence}))}

  def handle_info({:"$rebeam", :pipe, number, pipe}, sinks),
    do: {:noreply, update(sinks, number, &Sink.open(&1, pipe))}

  def handle_info({:select, pipe, _, :ready_input}, sinks) do
    {number, _} = Enum.find(sinks, fn {_, sink} -> sink.pipe == pipe end)
    {:noreply, update(sinks, number, &Sink.read/1)}
  end

  def handle_info({:io_reply, {number, tag}, _reply}, sinks),
    do: {:noreply, update(sinks, number, &Sink.written(&1, tag))}

  def handle_info({:rest, number}, sinks) do
    sinks = update(sinks, number, &Sink.rest(&1, @rest_timeout))
    if Sink.waits?(sinks[number]), do: look_again(number)
    {:noreply, sinks}
  end

  def handle_info({:DOWN, _, :process, leader, _}, sinks) do
    with [{_, number}] <- known(leader), [{_, _, origin}] <- known(number) do
      for key <- [leader, origin, number], do: :ets.delete(@table, key)
      if is_map_key(sinks, number), do: update(sinks, number, &Sink.lost/1), else: sinks
    else
      _ -> sinks
    end
    |> then(&{:noreply, &1})
  end

  def handle_info(_message, sinks), do: {:noreply, sinks}

  defp look_again(number), do: Process.send_after(self(), {:rest, number}, @rest_timeout)

  defp update(sinks, number, fun) do
    sink = Map.get_lazy(sinks, number, fn -> Sink.new(number, leader_of(number)) end)
    Map.put(sinks, number, fun.(sink))
  end

  defp leader_of(number) do
    case known(number) do
      [{_, leader, _}] -> leader
      [] -> Process.whereis(:user)
    end
  end

  @impl true
  def terminate(_reason, _sinks), do: Native.output_detach()
end
