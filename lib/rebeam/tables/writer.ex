defmodule Rebeam.Tables.Writer do
  @moduledoc false
  # The process of a table with a file. All writers come here: it makes their changes in the order in
  # which they come, writes those of all who wait in one go, and only then answers. Who reads asks
  # ETS, and may see a change a moment before it is in the file.
  #
  #   durability   before the answer, what was written is
  #   interval     the kernel's: no end of the program takes it back. On disk within a second
  #   always       on disk: nor does an end of the machine
  #
  # A file that has grown too large is written anew (Rebeam.Tables.Compaction).
  use GenServer, restart: :temporary

  require Logger

  alias Rebeam.Loader
  alias Rebeam.Tables.{Compaction, Log, Opening, Rows}

  @type durability :: :interval | :always

  # So many changes, at most, are written in one go.
  @most 1_000
  # In milliseconds.
  @interval 1_000
  # After so many without a change it rests.
  @rest 100

  # base: the size of what the file began with; waiting: who waits, with the results; compacting:
  # {pid, what was done since}, nil.
  defstruct [:table, :file, :durability, :compacting, :base, :timer] ++
              [effects: [], count: 0, waiting: []]

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument)

  @doc "Of its table: what `Rebeam.Tables` keeps of it."
  @spec table(pid) :: map
  def table(writer), do: GenServer.call(writer, :table, :infinity)

  @doc "The result of a change, once that is as durable as the table is."
  @spec change(pid, Rows.change()) ::
          {:ok, term} | {:error, exception :: String.t(), text :: String.t()}
  def change(writer, change) do
    GenServer.call(writer, {:change, change}, :infinity)
  catch
    :exit, {{:shutdown, {:write, text}}, _} ->
      {:error, "OSError", text}

    :exit, _ ->
      {:error, "RuntimeError", "the table is closed: the program ends, or it was deleted"}
  end

  @doc "What was written is on the disk."
  @spec sync(pid) :: term
  def sync(writer) do
    GenServer.call(writer, :sync, :infinity)
  catch
    :exit, _ -> :ok
  end

  @spec delete(pid) :: :ok
  def delete(writer) do
    GenServer.call(writer, :delete, :infinity)
  catch
    :exit, _ -> :ok
  end

  @impl true
  def init({name, settings}) do
    Process.flag(:trap_exit, true)
    tid = Rows.new(:protected, settings)

    case Opening.open(settings.file, name, settings.type, &Rows.redo(tid, &1)) do
      {:ok, file} ->
        Compaction.abandon(file.path, nil)
        table = %{name: name, tid: tid, type: settings.type, public?: settings.public?}
        table = Map.merge(table, %{writer: self(), file: settings.file})
        # About what its rows would take, so that what grew before it was opened counts.
        base = min(file.size, Rows.memory(tid))
        writer = %__MODULE__{table: table, file: file, base: base}
        {:ok, compact(%{writer | durability: settings.durability})}

      refused ->
        {:stop, refused}
    end
  end

  # ---- changes -------------------------------------------------------------------------------

  # Where nothing is left to be written before, it is looked whether that can be.
  @impl true
  def handle_call({:change, change}, from, %{count: count} = state) do
    if count > 0 or Opening.there?(state.file),
      do: changed(change, from, state),
      else: {:reply, {:error, "OSError", Opening.gone(state.file.path)}, state}
  end

  def handle_call(:table, _from, state), do: {:reply, state.table, state, wait(state)}

  def handle_call(:sync, _from, state) do
    state = write!(state)
    if state.timer, do: :file.datasync(state.file.fd)
    {:reply, :ok, state}
  catch
    {:write, reason} -> failed(state, reason)
  end

  def handle_call(:delete, from, state) do
    state = write!(state)
    with {pid, _done} <- state.compacting, do: Compaction.abandon(state.file.path, pid)
    if Opening.there?(state.file), do: File.rm(state.file.path)
    GenServer.reply(from, :ok)
    {:stop, :normal, state}
  catch
    {:write, reason} -> failed(state, reason)
  end

  def handle_call(_request, _from, state),
    do: {:reply, {:error, :not_a_rebeam_call}, state, wait(state)}

  defp changed(change, from, state) do
    {result, effects} = Rows.change(state.table.tid, state.table.type, change)
    waiting = [{from, {:ok, result}} | state.waiting]
    count = state.count + 1

    go_on(%{state | effects: Enum.reverse(effects, state.effects), waiting: waiting, count: count})
  rescue
    error in ArgumentError ->
      GenServer.reply(from, {:error, "RuntimeError", Exception.message(error)})
      go_on(state)
  end

  @impl true
  def handle_cast(_message, state), do: go_on(state)

  # Large memory that it passed on must not be its garbage for ever.
  @impl true
  def handle_info(:timeout, %{count: 0} = state), do: {:noreply, state, :hibernate}
  # Nobody else is there to be waited for.
  def handle_info(:timeout, state), do: written(state)

  def handle_info({:timeout, timer, :sync}, %{timer: timer} = state) do
    case :file.datasync(state.file.fd) do
      :ok -> go_on(%{state | timer: nil})
      {:error, reason} -> failed(state, reason)
    end
  end

  # What is not in the old file yet may be in the new one by half.
  def handle_info({:EXIT, pid, reason}, %{compacting: {pid, _}} = state) do
    state = write!(state)
    {_pid, done} = state.compacting
    state = %{state | compacting: nil}

    case reason do
      # What was done meanwhile may be much.
      {:compacted, size} -> state |> replaced!(size, Enum.reverse(done)) |> compact() |> go_on()
      reason -> state |> kept_as_it_is(reason) |> go_on()
    end
  catch
    {:write, reason} -> failed(state, reason)
  end

  def handle_info({:EXIT, _pid, reason}, state) when reason != :normal, do: {:stop, reason, state}
  def handle_info(_message, state), do: go_on(state)

  # Whoever opens it next may not have to wait until this process is no garbage any more.
  @impl true
  def terminate(reason, state) do
    unless match?({:shutdown, {:write, _}}, reason) do
      state = write!(state)
      :file.datasync(state.file.fd)
    end
  after
    Loader.unlock(state.file.lock)
  end

  defp go_on(%{count: count} = state) when count >= @most, do: written(state)
  defp go_on(state), do: {:noreply, state, wait(state)}

  defp wait(%{count: 0}), do: @rest
  defp wait(_state), do: 0

  defp written(state) do
    state = state |> write!() |> compact()
    {:noreply, state, wait(state)}
  catch
    {:write, reason} -> failed(state, reason)
  end

  defp failed(state, reason),
    do: {:stop, {:shutdown, {:write, Opening.unwritable(state.file.path, reason)}}, state}

  # The file has what was done, and who did it hears of it.
  defp write!(%{count: 0} = state), do: state

  defp write!(state) do
    effects = Enum.reverse(state.effects)
    state = if effects == [], do: state, else: append!(state, effects)
    Enum.each(Enum.reverse(state.waiting), fn {from, result} -> GenServer.reply(from, result) end)
    %{state | effects: [], waiting: [], count: 0}
  end

  defp append!(state, effects) do
    record = Log.effects(effects)
    with {:error, reason} <- :file.write(state.file.fd, record), do: throw({:write, reason})
    state = state |> synced!() |> remember(effects)
    update_in(state.file.size, &(&1 + IO.iodata_length(record)))
  end

  defp synced!(%{durability: :always} = state) do
    with {:error, reason} <- :file.datasync(state.file.fd), do: throw({:write, reason})
    state
  end

  defp synced!(%{timer: nil} = state),
    do: %{state | timer: :erlang.start_timer(@interval, self(), :sync)}

  defp synced!(state), do: state

  # ---- compaction ------------------------------------------------------------------------------

  defp remember(%{compacting: {pid, done}} = state, effects),
    do: %{state | compacting: {pid, [effects | done]}}

  defp remember(state, _effects), do: state

  defp compact(%{compacting: nil, file: file} = state) do
    if Compaction.due?(file.size, state.base),
      do: %{state | compacting: {Compaction.start(state.table, file.path), []}},
      else: state
  end

  defp compact(state), do: state

  defp replaced!(state, base, done) do
    case Compaction.finish(state.file, base, done) do
      {:ok, file} ->
        # Until that is on the disk, no later change may be.
        with {:error, reason} <- Opening.sync_folder(file.path), do: throw({:write, reason})
        %{state | file: file, base: base}

      reason ->
        kept_as_it_is(state, reason)
    end
  end

  # It is tried again when the file has doubled.
  defp kept_as_it_is(%{file: file} = state, reason) do
    Logger.warning("#{file.path} could not be compacted: #{inspect(reason)}")
    Compaction.abandon(file.path, nil)
    %{state | base: file.size}
  end
end
