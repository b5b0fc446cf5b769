defmodule Rebeam.Tasks do
  @moduledoc false
  # Keeps what tasks come to until it is asked for: the one task of `async_`, or those of an
  # `async_stream` that run ahead of it. Tasks are processes (Rebeam.Tasks.Spawned) that send their
  # packed result here; one that ends without has failed with its exit reason.
  #
  #   running --result, end, or its limit--> kept --take--> given --the next take--> gone
  #
  # Who takes an outcome may be cut off before it gets there: so it can be taken again, by a `take` of
  # the same number, until something else is asked for. The keeper goes when it is closed, as Python
  # does once it has the last result, or when its owner dies. A stream's tasks are ended then; a single
  # one goes on, as OTP's do, unless its link says otherwise.
  use GenServer, restart: :temporary

  alias Rebeam.Actor
  alias Rebeam.Tasks.Spawned

  # running: by pid; pending: numbers of those without an outcome. kept: number => {place, outcome},
  # order: {place, number}. given: the last outcome, {take, outcome}. takers, {take, number, from}, wait
  # for outcomes, closers for the end.
  defstruct [:owner_monitor, :link_to, :kind, next: 0, running: %{}, pending: MapSet.new()] ++
              [kept: %{}, order: :gb_sets.new(), place: 0, given: nil, takers: [], closers: nil]

  # How long a task that is ended gets to end in order, in milliseconds.
  @end_timeout 5_000

  @type kind :: :one | :stream
  @type outcome :: {:ok, packed :: term} | {:down, term} | :timeout

  @doc """
  Starts a keeper for tasks of `owner` (nil: nobody whose end matters). With `link_to` each
  task is linked to that process.
  """
  @spec start(kind, pid | nil, pid | nil) :: {:ok, pid} | {:error, String.t(), String.t()}
  def start(kind, owner, link_to) do
    # What a task prints is not the application's.
    argument = {kind, owner, link_to, Process.group_leader()}
    DynamicSupervisor.start_child(Spawned, {__MODULE__, argument})
  catch
    :exit, _ -> {:error, "RuntimeError", "no task can be started: the program is ending"}
  end

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument)

  @doc "Starts a task for each handle. They are numbered from 0 on; `limit` is in milliseconds."
  @spec run(pid, String.t(), [reference], timeout) :: [pid]
  def run(keeper, label, handles, limit) do
    GenServer.call(keeper, {:run, label, handles, limit}, :infinity)
  end

  @doc """
  Waits for the outcome of task `number`, or of whichever is over first, as the `take`th that is
  taken. `:none` if there is no such task any more.
  """
  @spec take(pid, non_neg_integer | :any, non_neg_integer, timeout) ::
          {:ok, outcome} | :timeout | :none
  def take(keeper, number, take, timeout) do
    GenServer.call(keeper, {:take, number, take, timeout}, :infinity)
  catch
    :exit, _ -> :none
  end

  @doc "Ends the tasks that run, and the keeper; returns when they have ended."
  @spec close(pid) :: :ok
  def close(keeper) do
    GenServer.call(keeper, :close, :infinity)
  catch
    :exit, _ -> :ok
  end

  @doc "In a task: its packed result."
  @spec result(term) :: term
  def result(packed), do: send(Process.get(__MODULE__), {:result, self(), packed})

  # ---- the keeper ----------------------------------------------------------------------

  @impl true
  def init({kind, owner, link_to, leader}) do
    Process.group_leader(self(), leader)
    monitor = if owner, do: Process.monitor(owner)
    {:ok, %__MODULE__{kind: kind, owner_monitor: monitor, link_to: link_to}}
  end

  @impl true
  def handle_call({:run, label, handles, limit}, _from, state) do
    {pids, state} = Enum.map_reduce(handles, state, &run_one(&1, label, limit, &2))
    {:reply, pids, state}
  end

  def handle_call({:take, _, take, _}, _from, %{given: {take, outcome}} = state),
    do: {:reply, {:ok, outcome}, state}

  def handle_call({:take, number, take, timeout}, from, state) do
    case pick(%{state | given: nil}, number) do
      nil -> wanted(state, {take, number, from}, timeout)
      {outcome, state} -> {:reply, {:ok, outcome}, %{state | given: {take, outcome}}}
    end
  end

  def handle_call(:close, from, state) do
    case end_all(state) do
      %{running: running} = state when running == %{} -> {:stop, :normal, :ok, state}
      state -> {:noreply, %{state | closers: [from | state.closers || []]}}
    end
  end

  # Python lets go of it, in a destructor that must not wait.
  @impl true
  def handle_cast({:rebeam, "close", _, _, _}, state), do: let_go(state)
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info({:result, pid, packed}, state) do
    {:noreply, settle(state, pid, {:ok, packed})}
  end

  def handle_info({:DOWN, monitor, :process, _, _}, %{owner_monitor: monitor} = state) do
    let_go(state)
  end

  def handle_info({:DOWN, _monitor, :process, pid, reason}, state) do
    state = settle(state, pid, {:down, reason})
    {task, running} = Map.pop(state.running, pid)
    if task && task.timer, do: :erlang.cancel_timer(task.timer)
    closed(%{state | running: running})
  end

  def handle_info({:timeout, _, {:limit, pid}}, state) do
    {:noreply, state |> settle(pid, :timeout) |> end_one(pid)}
  end

  def handle_info({:timeout, _, {:kill, pid}}, state) do
    if state.running[pid], do: Process.exit(pid, :kill)
    {:noreply, state}
  end

  def handle_info({:timeout, _, {:take, from}}, state) do
    {late, takers} = Enum.split_with(state.takers, fn {_, _, each} -> each == from end)
    reply_all(late, :timeout)
    {:noreply, %{state | takers: takers}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  # ---- tasks -----------------------------------------------------------------------------

  defp run_one(handle, label, limit, state) do
    {keeper, link_to} = {self(), state.link_to}

    {pid, _monitor} =
      Spawned.spawn(handle, label, [:monitor], fn ->
        Process.put(__MODULE__, keeper)
        if link_to, do: Process.link(link_to)
      end)

    number = state.next
    task = %{number: number, timer: start_timer(limit, {:limit, pid})}
    running = Map.put(state.running, pid, task)

    {pid,
     %{state | next: number + 1, running: running, pending: MapSet.put(state.pending, number)}}
  end

  # The first outcome of a task counts.
  defp settle(state, pid, outcome) do
    with %{number: number} <- state.running[pid], true <- number in state.pending do
      give(%{state | pending: MapSet.delete(state.pending, number)}, number, outcome)
    else
      _ -> state
    end
  end

  # To who waits for it, or it is kept. Of several takers, all but the last were cut off, unless a
  # task is awaited twice at once.
  defp give(state, number, outcome) do
    case Enum.split_with(state.takers, fn {_, wanted, _} -> wanted in [:any, number] end) do
      {[], _} ->
        kept = Map.put(state.kept, number, {state.place, outcome})
        order = :gb_sets.add({state.place, number}, state.order)
        %{state | kept: kept, order: order, place: state.place + 1}

      {[{take, _, _} | _] = takers, others} ->
        reply_all(takers, {:ok, outcome})
        %{state | given: {take, outcome}, takers: others}
    end
  end

  defp reply_all(takers, reply),
    do: Enum.each(takers, fn {_, _, from} -> GenServer.reply(from, reply) end)

  defp pick(state, :any) do
    unless :gb_sets.is_empty(state.order) do
      {_place, number} = :gb_sets.smallest(state.order)
      pick(state, number)
    end
  end

  defp pick(state, number) do
    with {{place, outcome}, kept} <- Map.pop(state.kept, number) do
      {outcome, %{state | kept: kept, order: :gb_sets.del_element({place, number}, state.order)}}
    else
      {nil, _} -> nil
    end
  end

  defp wanted(state, {_, number, from} = taker, timeout) do
    if number in state.pending or (number == :any and MapSet.size(state.pending) > 0) do
      start_timer(timeout, {:take, from})
      # Those that were cut off are there no more.
      takers = Enum.filter(state.takers, fn {_, _, {pid, _}} -> Process.alive?(pid) end)
      {:noreply, %{state | takers: takers ++ [taker]}}
    else
      {:reply, :none, state}
    end
  end

  # ---- the end ------------------------------------------------------------------------------

  defp let_go(%{kind: :one} = state), do: {:stop, :normal, state}
  defp let_go(state), do: closed(%{end_all(state) | closers: state.closers || []})

  defp closed(%{closers: closers, running: running} = state)
       when is_list(closers) and running == %{} do
    Enum.each(closers, &GenServer.reply(&1, :ok))
    {:stop, :normal, state}
  end

  defp closed(state), do: {:noreply, state}

  # Those that have an outcome are ending by themselves.
  defp end_all(state) do
    for {pid, task} <- state.running, task.number in state.pending, do: end_one(state, pid)
    state
  end

  # In order, and without harm to whom it is linked to; by force if that takes too long.
  defp end_one(state, pid) do
    if state.running[pid] do
      Actor.cancel(pid, state.link_to)
      start_timer(@end_timeout, {:kill, pid})
    end

    state
  end

  defp start_timer(:infinity, _), do: nil
  defp start_timer(milliseconds, word), do: :erlang.start_timer(milliseconds, self(), word)
end
