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
  # Where the file grew to twice what its rows take, another process writes these to a new file beside
  # it; what is done meanwhile comes behind, and the new file takes the name of the old one.
  use GenServer, restart: :temporary

  require Logger

  alias Rebeam.Loader
  alias Rebeam.Tables.{Log, Rows}
  alias Rebeam.Value.Limits

  @type durability :: :interval | :always

  # So many changes, at most, are written in one go.
  @most 1_000
  # In milliseconds.
  @interval 1_000
  # A file below that is not compacted, in bytes.
  @least 1_048_576
  # How often, and after how many milliseconds, it is looked whether a file is free now.
  @lock_tries 10
  @lock_period 50
  # What a file that takes another's place is called until then.
  @new ".compacting"

  # size: of the file, base: of what it began with; waiting: who waits, with the results; compacting:
  # {pid, what was done since}, nil.
  defstruct [:table, :fd, :lock, :path, :durability, :compacting] ++
              [size: 0, base: 0, effects: [], count: 0, waiting: [], timer: nil]

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument)

  @doc "Of its table: what `Rebeam.Tables` keeps of it."
  @spec table(pid) :: map
  def table(writer), do: GenServer.call(writer, :table)

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

  @spec delete(pid) :: :ok
  def delete(writer) do
    GenServer.call(writer, :delete, :infinity)
  catch
    :exit, _ -> :ok
  end

  # ---- opening -------------------------------------------------------------------------------

  @impl true
  def init({name, settings}) do
    Process.flag(:trap_exit, true)
    path = real(settings.file)

    with :ok <- regular(path),
         {:ok, lock} <- lock(path),
         :ok <- trusted(path),
         _ = File.rm(path <> @new),
         tid = Rows.new(:protected, settings),
         {:ok, whole, torn} <- Log.read(path, name, settings.type, &Rows.redo(tid, &1)),
         {:ok, fd, size} <- append(path, whole, torn, Log.header(name, settings.type)) do
      table = %{name: name, tid: tid, type: settings.type, public?: settings.public?}
      table = Map.merge(table, %{writer: self(), file: settings.file})
      writer = %__MODULE__{table: table, fd: fd, lock: lock, path: path, size: size}
      {:ok, compact(%{writer | durability: settings.durability, base: base(tid, size)})}
    else
      {:refused, type, text} -> {:stop, {:refused, type, text}}
    end
  end

  # A compacted file takes the place of the file itself, not of a link to it.
  defp real(path) do
    case File.read_link(path) do
      {:ok, target} -> target |> Path.expand(Path.dirname(path)) |> real()
      _ -> path
    end
  end

  defp regular(path) do
    case File.stat(path) do
      {:ok, %{type: type}} when type != :regular ->
        {:refused, "ValueError", "#{path} is no file of a table, but of something else"}

      _ ->
        :ok
    end
  end

  # Values may be objects, whose classes run code when they are read.
  defp trusted(path) do
    with true <- Limits.objects?(),
         {:ok, %{uid: uid, mode: mode}} <- File.stat(path),
         {:ok, %{uid: own}} <- File.stat("/proc/self") do
      cond do
        uid not in [0, own] ->
          untrusted(path, "belongs to another user", "")

        Bitwise.band(mode, 0o022) != 0 ->
          untrusted(path, "may be written by others", ": chmod go-w #{path}")

        true ->
          :ok
      end
    else
      _ -> :ok
    end
  end

  defp untrusted(path, why, what) do
    text = "#{path} #{why}, and objects in it could be anybody's code" <> what
    {:refused, "PermissionError", text}
  end

  defp lock(path, tries \\ @lock_tries) do
    case Loader.lock(path) do
      {:ok, lock} ->
        {:ok, lock}

      # Who has it may be ending.
      :locked when tries > 0 ->
        Process.sleep(@lock_period)
        lock(path, tries - 1)

      :locked ->
        {:refused, "RuntimeError",
         "#{path} is open as a table already, here or in another program"}

      {:error, text} ->
        {:refused, "OSError", "#{path} cannot be opened: #{text}"}
    end
  end

  defp append(path, whole, torn, header) do
    if torn > 0 and whole > 0,
      do:
        Logger.warning(
          "#{path}: its last #{torn} bytes were not written to the end, and are gone"
        )

    with {:ok, fd} <- :file.open(path, [:raw, :read, :write, :binary]),
         {:ok, _} <- :file.position(fd, whole),
         :ok <- :file.truncate(fd),
         {:ok, size} <- begin(fd, whole, header),
         :ok <- :file.datasync(fd),
         do: {:ok, fd, size},
         else: ({:error, reason} -> {:refused, "OSError", unwritable(path, reason)})
  end

  defp begin(fd, 0, header),
    do: with(:ok <- :file.write(fd, header), do: {:ok, IO.iodata_length(header)})

  defp begin(_fd, whole, _header), do: {:ok, whole}

  defp unwritable(path, reason), do: "#{path} cannot be written: #{:file.format_error(reason)}"

  # About what its rows would take, so that what grew before it was opened counts.
  defp base(tid, size), do: min(size, Rows.memory(tid))

  # ---- changes -------------------------------------------------------------------------------

  @impl true
  def handle_call({:change, change}, from, state) do
    {result, effects} = Rows.change(state.table.tid, state.table.type, change)
    waiting = [{from, {:ok, result}} | state.waiting]
    count = state.count + 1

    go_on(%{state | effects: Enum.reverse(effects, state.effects), waiting: waiting, count: count})
  rescue
    error in ArgumentError ->
      GenServer.reply(from, {:error, "RuntimeError", Exception.message(error)})
      go_on(state)
  end

  def handle_call(:table, _from, state), do: {:reply, state.table, state, wait(state)}

  def handle_call(:delete, from, state) do
    state = write!(state)
    File.rm(state.path)
    GenServer.reply(from, :ok)
    {:stop, :normal, state}
  end

  def handle_call(_request, _from, state),
    do: {:reply, {:error, :not_a_rebeam_call}, state, wait(state)}

  @impl true
  def handle_cast(_message, state), do: go_on(state)

  # Nobody else is there to be waited for.
  @impl true
  def handle_info(:timeout, state), do: written(state)

  def handle_info({:timeout, timer, :sync}, %{timer: timer} = state) do
    case :file.datasync(state.fd) do
      :ok -> go_on(%{state | timer: nil})
      {:error, reason} -> failed(state, reason)
    end
  end

  def handle_info({:EXIT, pid, reason}, %{compacting: {pid, done}} = state) do
    state = %{state | compacting: nil}

    case reason do
      # What was done meanwhile may be much.
      {:compacted, size} -> state |> replaced(size, Enum.reverse(done)) |> compact() |> go_on()
      reason -> state |> kept_as_it_is(reason) |> go_on()
    end
  end

  def handle_info({:EXIT, _pid, reason}, state) when reason != :normal, do: {:stop, reason, state}
  def handle_info(_message, state), do: go_on(state)

  # Whoever opens it next may not have to wait until this process is no garbage any more.
  @impl true
  def terminate(reason, state) do
    unless match?({:shutdown, {:write, _}}, reason) do
      state = write!(state)
      :file.datasync(state.fd)
    end
  after
    Loader.unlock(state.lock)
  end

  defp go_on(%{count: count} = state) when count >= @most, do: written(state)
  defp go_on(state), do: {:noreply, state, wait(state)}

  defp wait(%{count: 0}), do: :infinity
  defp wait(_state), do: 0

  defp written(state) do
    {:noreply, state |> write!() |> compact()}
  catch
    {:write, reason} -> failed(state, reason)
  end

  defp failed(state, reason),
    do: {:stop, {:shutdown, {:write, unwritable(state.path, reason)}}, state}

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
    with {:error, reason} <- :file.write(state.fd, record), do: throw({:write, reason})
    state = state |> synced!() |> remember(effects)
    %{state | size: state.size + IO.iodata_length(record)}
  end

  defp synced!(%{durability: :always} = state) do
    with {:error, reason} <- :file.datasync(state.fd), do: throw({:write, reason})
    state
  end

  defp synced!(%{timer: nil} = state),
    do: %{state | timer: :erlang.start_timer(@interval, self(), :sync)}

  defp synced!(state), do: state

  # ---- compaction ------------------------------------------------------------------------------

  defp remember(%{compacting: {pid, done}} = state, effects),
    do: %{state | compacting: {pid, [effects | done]}}

  defp remember(state, _effects), do: state

  defp compact(%{compacting: nil, size: size, base: base} = state)
       when size - base > base and size - base > @least do
    {table, path} = {state.table, beside(state)}
    %{state | compacting: {spawn_link(fn -> exit(rewrite(table, path)) end), []}}
  end

  defp compact(state), do: state

  defp beside(state), do: state.path <> @new

  defp rewrite(table, path) do
    File.rm(path)

    with {:ok, fd} <- :file.open(path, [:raw, :write, :exclusive, :binary]),
         :ok <- File.chmod(path, 0o600),
         header = Log.header(table.name, table.type),
         :ok <- :file.write(fd, header),
         :ets.safe_fixtable(table.tid, true),
         rows = :ets.match_object(table.tid, :_, Rows.chunk()),
         {:ok, size} <- write_rows(fd, rows, IO.iodata_length(header)),
         :ok <- :file.datasync(fd),
         :ok <- :file.close(fd),
         do: {:compacted, size}
  end

  defp write_rows(_fd, :"$end_of_table", size), do: {:ok, size}

  defp write_rows(fd, {rows, more}, size) do
    record = Log.effects([{:put, rows}])

    with :ok <- :file.write(fd, record),
         do: write_rows(fd, :ets.match_object(more), size + IO.iodata_length(record))
  end

  # What was done meanwhile may be in the rows already: done again, it comes to the same.
  defp replaced(state, base, done) do
    path = beside(state)
    records = Enum.map(done, &Log.effects/1)

    with {:ok, mode} <- mode(state.path),
         :ok <- File.chmod(path, mode),
         {:ok, lock} <- Loader.lock(path),
         {:ok, fd} <- :file.open(path, [:raw, :read, :write, :binary]),
         {:ok, ^base} <- :file.position(fd, :eof),
         :ok <- :file.write(fd, records),
         :ok <- :file.datasync(fd),
         :ok <- File.rename(path, state.path),
         :ok <- sync_folder(state.path) do
      :file.close(state.fd)
      Loader.unlock(state.lock)
      %{state | fd: fd, lock: lock, base: base, size: base + IO.iodata_length(records)}
    else
      reason -> kept_as_it_is(state, reason)
    end
  end

  # It is tried again when the file has doubled.
  defp kept_as_it_is(state, reason) do
    Logger.warning("#{state.path} could not be compacted: #{inspect(reason)}")
    File.rm(beside(state))
    %{state | base: state.size}
  end

  defp mode(path),
    do: with({:ok, %{mode: mode}} <- File.stat(path), do: {:ok, Bitwise.band(mode, 0o777)})

  defp sync_folder(path) do
    with {:ok, fd} <- path |> Path.dirname() |> :file.open([:raw, :read, :directory]) do
      synced = :file.sync(fd)
      :file.close(fd)
      synced
    end
  end
end
