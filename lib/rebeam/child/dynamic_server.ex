defmodule Rebeam.Child.DynamicServer do
  @moduledoc false
  # Elixir's DynamicSupervisor, but for how it starts and ends many children at once.
  #
  # Many start with one message, which brings what makes their specifications: made here, they share
  # what they have in common.
  #
  # Elixir's own way to end all children takes a time that
  # grows with the square of their number: it watches one, tells it to end, and comes to the next,
  # looking each time through what the others said meanwhile. Here all are watched, then all are told:
  #
  #   watch each --> tell each --> hear of each; who is over its time is killed --> DynamicSupervisor,
  #                                                                which reports who ended as none should
  @behaviour GenServer

  alias Rebeam.Child.{Misdirected, Starter}
  alias Rebeam.Names
  alias Rebeam.Child.DynamicServer.{Ends, Starts}

  @doc "As `DynamicSupervisor.start_link/3`."
  @spec start_link(module, term, GenServer.options()) :: GenServer.on_start()
  def start_link(module, argument, options),
    do: GenServer.start_link(__MODULE__, {module, argument, options[:name]}, options)

  @typedoc "A start function, and what is kept of the child beside it."
  @type start :: {{module, atom, list}, kept}
  @typep kept :: {:supervisor.restart(), :supervisor.shutdown(), :worker | :supervisor, [module]}

  @doc "That of a child specification."
  @spec start_of(map) :: start
  def start_of(specification), do: {specification.start, kept_of(specification)}

  @doc "What is kept of a child with that specification, whatever the arguments of its start."
  @spec kept_of(map) :: kept
  def kept_of(%{start: {module, _, _}} = specification),
    do: {specification.restart, specification.shutdown, specification.type, [module]}

  @typedoc "What makes the starts of those children, in the supervisor's process."
  @type maker :: {module, atom, list}

  @doc """
  Starts all children, or none: then those of them that have started end again, in parallel. `room`:
  for how many there has to be a place, of which these are the first. `failed` has the index of
  the child that did not start.
  """
  @spec start_many(pid, maker, room :: non_neg_integer) ::
          {:ok, [pid]} | {:failed, non_neg_integer, reason :: term} | {:full, non_neg_integer}
  def start_many(supervisor, maker, room),
    do: GenServer.call(supervisor, {__MODULE__, :start, maker, room}, :infinity)

  @doc """
  Ends in parallel, each within its shutdown time, those of these children that it has, and those whose
  start function `chosen?` tells, as the last of its arguments: they may have started again since.
  """
  @spec end_many(pid, [pid], chosen? :: maker) :: :ok
  def end_many(supervisor, pids, chosen?),
    do: GenServer.call(supervisor, {__MODULE__, :end, pids, chosen?}, :infinity)

  @doc """
  Starts a child for an actor, which is answered by that tag: by the child, once it has started, or by
  its supervisor. The last argument of its start function are options, with room for a `:starter`.
  """
  @spec start_for(pid, term, map) :: :ok
  def start_for(supervisor, tag, specification),
    do: GenServer.cast(supervisor, {__MODULE__, :start, tag, specification})

  @doc "Whether it is one of these, that runs on this node."
  @spec here?(pid) :: boolean
  def here?(pid), do: node(pid) == node() and Names.dynamic?(pid)

  @doc "What is said of one that is full."
  @spec full_text(pid, non_neg_integer) :: String.t()
  def full_text(pid, count),
    do: "max_children: #{:erlang.pid_to_list(pid)} has its #{count} children already"

  @impl true
  def init(argument) do
    Names.register_dynamic()
    DynamicSupervisor.init(argument)
  end

  @impl true
  def handle_call({__MODULE__, :start, _maker, room}, _from, state)
      when map_size(state.children) + room > state.max_children,
      do: {:reply, {:full, map_size(state.children)}, state}

  def handle_call({__MODULE__, :start, {module, function, arguments}, _room}, _from, state) do
    case Starts.all(apply(module, function, arguments)) do
      {:ok, started} ->
        children = for {pid, child} <- started, into: state.children, do: {pid, child}
        {:reply, {:ok, for({pid, _} <- started, do: pid)}, %{state | children: children}}

      {:failed, started, reason} ->
        end_all(Map.new(started), state)
        {:reply, {:failed, length(started), reason}, state}
    end
  end

  def handle_call({__MODULE__, :end, pids, chosen?}, _from, state) do
    pids = Map.from_keys(pids, true)

    {chosen, left} =
      Enum.split_with(state.children, fn {pid, child} ->
        is_map_key(pids, pid) or chosen?(chosen?, child)
      end)

    end_all(chosen, state)
    {:reply, :ok, %{state | children: Map.new(left)}}
  end

  def handle_call({:terminate_child, pid} = request, from, state) do
    child = state.children[pid]
    cut_off? = Starter.cut_off?(starter(child))
    result = DynamicSupervisor.handle_call(request, from, state)

    if cut_off?,
      do:
        Starter.refuse(
          starter(child),
          if(elem(child, 2) == :brutal_kill, do: :killed, else: :shutdown)
        )

    result
  end

  def handle_call({:rebeam, subject, _payload}, from, state),
    do: {Misdirected.refuse(subject, from), state}

  def handle_call(request, from, state), do: DynamicSupervisor.handle_call(request, from, state)

  defp chosen?(chosen?, {:restarting, child}), do: chosen?(chosen?, child)

  defp chosen?({module, function, arguments}, {start, _, _, _, _}),
    do: apply(module, function, arguments ++ [start])

  # What is to be reported of them is reported as of any child.
  defp end_all(children, state) do
    running = for {pid, {_, _, _, _, _} = child} <- children, into: %{}, do: {pid, child}
    DynamicSupervisor.terminate(:shutdown, %{state | children: Ends.await(running, :others_wait)})
  end

  @impl true
  def handle_cast({__MODULE__, :start, tag, _specification}, %{children: children} = state)
      when map_size(children) >= state.max_children do
    {starter, _} = Starter.asked(tag)
    Starter.refuse(starter, full_text(self(), map_size(children)))
    {:noreply, state}
  end

  def handle_cast({__MODULE__, :start, tag, specification}, state) do
    {starter, later} = Starter.asked(tag)
    {module, function, [what, [_ | options]]} = specification.start
    options = same(options)
    first = %{specification | start: {module, function, [what, [{:starter, starter} | options]]}}

    case Starts.all([start_of(first)]) do
      {:ok, [{pid, child}]} ->
        again = {module, function, again(specification.restart, what, later, options)}
        {:noreply, put_in(state.children[pid], put_elem(child, 0, again))}

      {:failed, [], reason} ->
        Starter.refuse(starter, reason)
        {:noreply, state}
    end
  end

  def handle_cast({:rebeam, subject, _payload, _sender, _status}, state),
    do: {Misdirected.drop(subject), state}

  def handle_cast(request, state), do: DynamicSupervisor.handle_cast(request, state)

  defp again(:temporary, _what, later, _options), do: [[{:starter, later}]]
  defp again(_restart, what, later, options), do: [what, [{:starter, later} | options]]

  # Those of the child before are most often equal: then they are one term.
  defp same(options) do
    case Process.get(__MODULE__) do
      ^options = before ->
        before

      _ ->
        Process.put(__MODULE__, options)
        options
    end
  end

  @impl true
  def handle_info({Starter, :failed, pid, starter, reason}, state) do
    {:reply, _, state} = DynamicSupervisor.handle_call({:terminate_child, pid}, nil, state)
    Starter.refuse(starter, reason)
    {:noreply, state}
  end

  def handle_info({:EXIT, pid, reason} = message, state) do
    starter = starter(state.children[pid])
    cut_off? = Starter.cut_off?(starter)
    result = DynamicSupervisor.handle_info(message, state)
    if cut_off?, do: Starter.refuse(starter, reason)
    result
  end

  def handle_info(message, state), do: DynamicSupervisor.handle_info(message, state)

  # Options are the last argument, and it is the first of them.
  defp starter({{_, _, arguments}, _, _, _, _}) when is_list(arguments) do
    with [{:starter, starter} | _] <- List.last(arguments), do: starter, else: (_ -> nil)
  end

  defp starter(_child), do: nil
  @impl true
  defdelegate code_change(version, state, extra), to: DynamicSupervisor

  @impl true
  def terminate(reason, %{children: children} = state) do
    ends = for {pid, {_, _, _, _, _} = child} <- children, into: %{}, do: {pid, child}
    DynamicSupervisor.terminate(reason, %{state | children: Ends.await(ends, :nobody_waits)})
  end

  defmodule Starts do
    @moduledoc false
    # Children, as DynamicSupervisor has them, that start together.

    @doc "Starts them in their order. A failure comes with those before it."
    @spec all([DynamicServer.start()], [{pid, tuple}]) ::
            {:ok, [{pid, tuple}]} | {:failed, [{pid, tuple}], term}
    def all(starts, started \\ [])
    def all([], started), do: {:ok, Enum.reverse(started)}

    def all([{{module, function, arguments} = start, kept} | rest], started) do
      case run(module, function, arguments) do
        {:ok, pid} -> all(rest, [{pid, child(start, kept)} | started])
        {:ok, pid, _} -> all(rest, [{pid, child(start, kept)} | started])
        :ignore -> {:failed, Enum.reverse(started), :ignore}
        {:error, reason} -> {:failed, Enum.reverse(started), reason}
      end
    end

    defp run(module, function, arguments) do
      apply(module, function, arguments)
    catch
      :exit, reason -> {:error, reason}
      :error, reason -> {:error, {reason, __STACKTRACE__}}
    end

    # Of one that is not started again it is known only who waits for its start.
    defp child({module, function, arguments}, {:temporary, shutdown, type, modules}) do
      kept = with [{:starter, _} = starter | _] <- List.last(arguments), do: [[starter]]
      {{module, function, kept}, :temporary, shutdown, type, modules}
    end

    defp child(start, {restart, shutdown, type, modules}),
      do: {start, restart, shutdown, type, modules}
  end

  defmodule Ends do
    @moduledoc false
    # Children, as DynamicSupervisor has them, that end together.

    @type child ::
            {mfa :: term, :supervisor.restart(), :supervisor.shutdown(), type :: atom, term}

    @doc """
    Ends them all, each within its shutdown time, as their supervisor. Returns those of which it
    is to be reported how they ended: the calling process has a message of that for each. All
    other messages are dropped if nobody waits for it any more.
    """
    @spec await(%{pid => child}, :nobody_waits | :others_wait) :: %{pid => child}
    def await(children, others) do
      for {pid, _} <- children, do: Process.monitor(pid) && Process.unlink(pid)

      children
      |> Enum.group_by(fn {_, {_, _, shutdown, _, _}} -> shutdown end, &elem(&1, 0))
      |> Enum.map(&tell/1)
      |> then(&await(children, &1, others))
    end

    defp await(children, timers, others) do
      bad = await(children, %{}, [], others)
      Enum.each(timers, &cancel/1)
      for {pid, reason} <- bad, do: send(self(), {:EXIT, pid, reason})
      Map.take(children, Enum.map(bad, &elem(&1, 0)))
    end

    defp tell({:brutal_kill, pids}) do
      Enum.each(pids, &Process.exit(&1, :kill))
      nil
    end

    defp tell({shutdown, pids}) do
      Enum.each(pids, &Process.exit(&1, :shutdown))
      if shutdown != :infinity, do: :erlang.start_timer(shutdown, self(), {__MODULE__, pids})
    end

    defp cancel(nil), do: :ok

    defp cancel(timer) do
      if :erlang.cancel_timer(timer) == false do
        receive do
          {:timeout, ^timer, _} -> :ok
        after
          0 -> :ok
        end
      end
    end

    # `before`: how those ended that had ended before they were watched.
    defp await(children, _before, bad, _others) when children == %{}, do: bad

    defp await(children, before, bad, others) do
      receive do
        {:EXIT, pid, reason} when is_map_key(children, pid) ->
          await(children, Map.put(before, pid, reason), bad, others)

        {:DOWN, _, :process, pid, reason} when is_map_key(children, pid) ->
          {child, left} = Map.pop(children, pid)
          reason = if reason == :noproc, do: Map.get(before, pid, reason), else: reason
          bad = if good?(child, reason), do: bad, else: [{pid, reason} | bad]
          await(left, before, bad, others)

        {:timeout, _, {__MODULE__, pids}} ->
          for pid <- pids, is_map_key(children, pid), do: Process.exit(pid, :kill)
          await(children, before, bad, others)

        # Nobody is answered any more.
        _ when others == :nobody_waits ->
          await(children, before, bad, others)
      end
    end

    defp good?({_, _, :brutal_kill, _, _}, reason), do: reason == :killed
    defp good?(_child, :shutdown), do: true
    defp good?(_child, {:shutdown, _}), do: true
    defp good?({_, restart, _, _, _}, :normal), do: restart != :permanent
    defp good?(_child, _reason), do: false
  end
end
