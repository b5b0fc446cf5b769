defmodule Rebeam.Tables do
  @moduledoc false
  # The tables of the program: ETS tables on its main node, which this server owns, so that they
  # outlive the actors that use them. What is done to rows happens in the process that asks
  # (Rebeam.Tables.Rows); only a table with a file has a process of its own that writes
  # (Rebeam.Tables.Writer), and owns it.
  #
  # Anybody writes to a public table, to another one its owner alone: the process that opened it
  # first, then its heir, or who opens it next once it has no owner.
  use GenServer

  alias Rebeam.Message.Events
  alias Rebeam.Names
  alias Rebeam.Tables.{Rows, Settings, Writer}

  @enforce_keys [:name, :tid, :type]
  defstruct [:name, :tid, :type, :owner, :heir, :writer, :file, public?: true]

  @type t :: %__MODULE__{
          name: String.t(),
          tid: :ets.tid(),
          type: Rows.type(),
          public?: boolean,
          owner: pid | nil,
          heir: Names.target() | nil,
          writer: pid | nil,
          file: Path.t() | nil
        }

  @type error :: {:error, exception :: String.t(), text :: String.t()}

  @writers Rebeam.Tables.Writers

  def child_spec(_) do
    children = [
      %{id: __MODULE__, start: {GenServer, :start_link, [__MODULE__, nil, [name: __MODULE__]]}},
      # What this server does not know of must not hold its file.
      {DynamicSupervisor, name: @writers}
    ]

    options = [strategy: :rest_for_one]
    %{id: __MODULE__, start: {Supervisor, :start_link, [children, options]}, type: :supervisor}
  end

  @doc "The table of that name, if there is one on this node."
  @spec find(String.t()) :: {:ok, t} | :none
  def find(name) do
    case :ets.lookup(__MODULE__, name) do
      [{_, table}] -> {:ok, table}
      [] -> :none
    end
  rescue
    ArgumentError -> :none
  end

  @doc "The names of all tables of this node."
  @spec names :: [String.t()]
  def names, do: __MODULE__ |> :ets.select([{{:"$1", :_}, [], [:"$1"]}]) |> Enum.sort()

  @doc "On the main node: the table of that name, made if need be; `asker` may become its owner."
  @spec open(String.t(), Settings.t(), pid | nil) :: {:ok, t} | error
  def open(name, settings, asker) do
    # What is wrong would end the server, and all tables with it.
    case Settings.wrong(name, settings) do
      nil -> GenServer.call(__MODULE__, {:open, name, settings, asker}, :infinity)
      text -> {:error, "ValueError", text}
    end
  end

  @doc "The table is no more, nor its file."
  @spec delete(t) :: :ok
  def delete(table) do
    :ok = GenServer.call(__MODULE__, {:delete, table.name}, :infinity)
    if table.writer, do: Writer.delete(table.writer), else: empty(table.tid)
  end

  @doc "What was written to files is on the disk."
  @spec sync :: :ok
  def sync do
    writers = for {_, pid, _, _} <- DynamicSupervisor.which_children(@writers), do: pid
    writers |> Enum.filter(&is_pid/1) |> Enum.each(&Writer.sync/1)
  catch
    :exit, _ -> :ok
  end

  # Of many rows that takes seconds, and the server has others to serve.
  defp empty(tid) do
    :ets.delete(tid)
    :ok
  end

  @doc "Who may write to it, besides its owner; nil: everybody."
  @spec refusal(t, pid | nil) :: nil | String.t()
  def refusal(%{public?: true}, _pid), do: nil
  def refusal(%{owner: pid}, pid) when pid != nil, do: nil

  def refusal(%{owner: nil} = table, _) do
    "the table #{inspect(table.name)} has no owner now, and its owner alone writes to it: the actor " <>
      "that calls Table(#{inspect(table.name)}, public=False) becomes it"
  end

  def refusal(table, _) do
    "the table #{inspect(table.name)} is not public: its owner #{shown(table.owner)} alone writes to it"
  end

  # As Python shows it.
  defp shown(pid), do: pid |> :erlang.pid_to_list() |> List.to_string()

  # ---- the server ----------------------------------------------------------------------------

  # owners, writers: monitor => name of a table. opening: name => who waits for its file to be read,
  # each with what it wants.
  @impl true
  def init(nil) do
    :ets.new(__MODULE__, [:named_table, read_concurrency: true])
    {:ok, %{owners: %{}, writers: %{}, opening: %{}}}
  end

  @impl true
  def handle_call({:open, name, settings, asker}, from, state) do
    case {find_living(name), settings.file} do
      {{:ok, table}, _} ->
        {result, state} = opened(table, settings, asker, state)
        {:reply, result, state}

      {:none, nil} ->
        {table, state} = own(made(name, settings), settings, asker, state)
        {:reply, {:ok, table}, state}

      {:none, _} ->
        {:noreply, read(state, name, {from, settings, asker})}
    end
  end

  def handle_call({:delete, name}, _from, state) do
    :ets.delete(__MODULE__, name)
    {:reply, :ok, state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  # A file was read, or not.
  @impl true
  def handle_info({:read, name, result}, state) do
    {waiting, opening} = Map.pop(state.opening, name, [])
    state = kept(%{state | opening: opening}, name, result)
    {:noreply, waiting |> Enum.reverse() |> Enum.reduce(state, &answer(&1, name, result, &2))}
  end

  def handle_info({:DOWN, monitor, :process, pid, _}, state) do
    case state do
      %{owners: %{^monitor => name}} -> {:noreply, orphaned(state, monitor, name, pid)}
      %{writers: %{^monitor => name}} -> {:noreply, closed(state, monitor, name, pid)}
      _ -> {:noreply, state}
    end
  end

  def handle_info({:heir, name, heir, before}, state) do
    case find(name) do
      {:ok, %{owner: nil, public?: false} = table} when is_pid(heir) ->
        {_, state} = own(%{table | heir: nil}, heir, state)
        send(heir, Events.table(name, before))
        {:noreply, state}

      _ ->
        {:noreply, state}
    end
  end

  def handle_info(_message, state), do: {:noreply, state}

  # ---- opening -------------------------------------------------------------------------------

  # Of a writer that ended this server may hear later than who waited for it.
  defp find_living(name) do
    with {:ok, %{writer: writer}} when writer != nil <- find(name),
         false <- Process.alive?(writer) do
      :ets.delete(__MODULE__, name)
      :none
    else
      true -> find(name)
      found -> found
    end
  end

  defp made(name, settings) do
    %__MODULE__{name: name, tid: Rows.new(:public, settings), type: settings.type}
  end

  defp opened(table, settings, asker, state) do
    case differs(table, settings) do
      nil ->
        {table, state} = own(table, settings, asker, state)
        {{:ok, table}, state}

      text ->
        {{:error, "ValueError", "the table #{inspect(table.name)} is there already, " <> text},
         state}
    end
  end

  defp differs(table, settings) do
    file = settings.file

    cond do
      table.type != settings.type -> "as type=#{inspect(to_string(table.type))}"
      table.public? and not settings.public? -> "and it is public"
      settings.public? and not table.public? -> "with public=False"
      file == nil or file == table.file -> nil
      table.file == nil -> "in memory only"
      true -> "with the file #{inspect(table.file)}"
    end
  end

  # Without an owner, it is whose it is asked by.
  defp own(table, %{public?: true}, _asker, state), do: {put(%{table | public?: true}), state}

  defp own(%{owner: nil} = table, settings, asker, state) when asker != nil,
    do: own(%{table | public?: false, heir: settings.heir}, asker, state)

  defp own(%{owner: asker} = table, settings, asker, state) when asker != nil do
    {put(%{table | heir: settings.heir || table.heir}), state}
  end

  defp own(table, _settings, _asker, state), do: {put(%{table | public?: false}), state}

  defp own(table, owner, state) do
    monitor = Process.monitor(owner)
    {put(%{table | owner: owner}), put_in(state.owners[monitor], table.name)}
  end

  defp put(table) do
    :ets.insert(__MODULE__, {table.name, table})
    table
  end

  # ---- the end of an owner -------------------------------------------------------------------

  defp orphaned(state, monitor, name, pid) do
    with {:ok, %{owner: ^pid} = table} <- find(name) do
      put(%{table | owner: nil})
      if table.heir, do: find_heir(table)
    end

    %{state | owners: Map.delete(state.owners, monitor)}
  end

  # Whoever has the name may have to be asked for in another OS process, and so whether it lives.
  defp find_heir(%{name: name, heir: heir, owner: before}) do
    server = self()

    spawn(fn ->
      with {:ok, pid} <- Names.resolve(heir), do: send(server, {:heir, name, pid, before})
    end)
  end

  # ---- tables with a file ----------------------------------------------------------------------

  # Meanwhile others are opened.
  defp read(state, name, waiting) do
    unless is_map_key(state.opening, name) do
      {_from, settings, _asker} = waiting
      server = self()

      spawn(fn -> send(server, {:read, name, start_writer(name, settings)}) end)
    end

    update_in(state.opening[name], &[waiting | &1 || []])
  end

  defp start_writer(name, settings) do
    with {:ok, writer} <- DynamicSupervisor.start_child(@writers, {Writer, {name, settings}}),
         do: {:ok, Writer.table(writer)}
  catch
    _, reason -> {:error, reason}
  end

  defp kept(state, name, {:ok, table}) do
    put(struct!(__MODULE__, table))
    put_in(state.writers[Process.monitor(table.writer)], name)
  end

  defp kept(state, _name, _failed), do: state

  defp answer({from, settings, asker}, name, {:ok, _}, state) do
    {result, state} =
      with {:ok, table} <- find(name),
           do: opened(table, settings, asker, state),
           else: (:none -> {gone(name), state})

    GenServer.reply(from, result)
    state
  end

  defp answer({from, _, _}, _name, {:error, {:refused, type, text}}, state) do
    GenServer.reply(from, {:error, type, text})
    state
  end

  defp answer({from, _, _}, name, {:error, reason}, state) do
    text = "the table #{inspect(name)} cannot be opened: #{inspect(reason)}"
    GenServer.reply(from, {:error, "RuntimeError", text})
    state
  end

  defp closed(state, monitor, name, pid) do
    with {:ok, %{writer: ^pid}} <- find(name), do: :ets.delete(__MODULE__, name)
    %{state | writers: Map.delete(state.writers, monitor)}
  end

  @doc "What is said of a table that is not there."
  @spec gone(String.t()) :: error
  def gone(name), do: {:error, "LookupError", "there is no table #{inspect(name)}"}
end
