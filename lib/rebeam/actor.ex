defmodule Rebeam.Actor do
  @moduledoc false
  # One Python actor, or one Python function under supervision, as a process.
  #
  # It owns the native actor (c_src/actor.h) and gives it one piece of work at a
  # time. While Python works or is suspended the process stays free: messages queue
  # here, and system messages and exits of the parent are handled at once.
  #
  #   idle --message--> busy --suspend--> busy, waiting --answer--> busy --done--> idle
  use GenServer

  alias Rebeam.{Log, Names, Native, PythonError, Value, Wait}

  defstruct [
    :native,
    # the work that runs: {work, from | sender, subject, payload}, or nil
    :current,
    # what its code waits for, or nil
    :wait,
    :label,
    stop?: false,
    trap?: false,
    queue: :queue.new()
  ]

  @doc """
  Starts a process for what `handle` makes. Options: `:kind` (`:actor`, or `:run` for
  a function that ends), `:label` for logs, `:name` to register under.
  """
  @spec start_link(reference, keyword) :: GenServer.on_start()
  def start_link(handle, options), do: GenServer.start_link(__MODULE__, {handle, options})

  @impl true
  def init({handle, options}) do
    label = Keyword.fetch!(options, :label)
    state = %__MODULE__{native: Native.actor_new(handle), label: label}

    case options[:kind] do
      :run -> init_run(state, handle, options[:name])
      :actor -> init_actor(state, handle, options[:name])
    end
  end

  defp init_run(state, handle, name) do
    Process.flag(:trap_exit, true)

    case register(name) do
      :ok -> {:ok, state, {:continue, {:run, handle}}}
      {:stop, reason} -> {:stop, reason}
    end
  end

  defp init_actor(state, handle, name) do
    hold = if name, do: "hold", else: ""
    state = begin(state, :construct, nil, hold, handle)

    with {:started, own_name, stop?} <- await_started(state),
         :ok <- register(name || own_name) do
      if stop?, do: Process.flag(:trap_exit, true)
      state = %{state | stop?: stop?}
      held? = name != nil or own_name != nil
      state = if held?, do: begin(state, :start, nil, "", ""), else: state
      finish_start(drive(state))
    end
  end

  # The first answer to :construct; @start may follow in the same piece of work.
  defp await_started(state) do
    receive do
      {:"$rebeam", :started, name, stop?} -> {:started, name, stop?}
      {:"$rebeam", :raised, _, _, _, _} = raised -> {:stop, failure(raised, state)}
      {:"$rebeam", :exited, _, _} = exited -> {:stop, failure(exited, state)}
    end
  end

  defp finish_start({:done, state}), do: {:ok, idle(state)}
  defp finish_start({:failed, reason, _state}), do: {:stop, reason}

  defp register(nil), do: :ok

  defp register(name) do
    case Names.register(name) do
      :ok -> :ok
      {:error, {:already_registered, pid}} -> {:stop, {:already_started, pid}}
    end
  end

  # ---- messages: one at a time ------------------------------------------------

  @impl true
  def handle_continue({:run, handle}, state) do
    {:noreply, begin(state, :run, nil, "", handle)}
  end

  @impl true
  def handle_call({:rebeam, subject, payload}, from, state) do
    accept({:call, from, subject, payload, nil}, state)
  end

  def handle_call(_request, _from, state) do
    {:reply, {:error, :not_a_rebeam_call}, state}
  end

  @impl true
  def handle_cast({:rebeam, subject, payload, sender, status}, state) do
    accept({:cast, sender, subject, payload, status}, state)
  end

  def handle_cast(message, state), do: accept_info({:"$gen_cast", message}, state)

  @impl true
  def handle_info({:"$rebeam", :suspend, sequence, operation}, state) do
    {:noreply, %{state | wait: Wait.start(state.native, sequence, operation)}}
  end

  def handle_info({:"$rebeam", :done}, %{current: {:run, _, _, _}} = state) do
    {:stop, :normal, %{state | current: nil}}
  end

  def handle_info({:"$rebeam", :done}, state), do: {:noreply, next(idle(state))}

  def handle_info({:"$rebeam", :reply, status, payload}, state) do
    answer(state.current, status, payload)
    {:noreply, next(idle(state))}
  end

  def handle_info({:"$rebeam", :raised, _, _, _, _} = raised, state) do
    {:stop, failure(raised, state), idle(state)}
  end

  def handle_info({:"$rebeam", :exited, _, _} = exited, state) do
    {:stop, failure(exited, state), idle(state)}
  end

  def handle_info({:EXIT, _pid, :normal}, %{trap?: false} = state), do: {:noreply, state}
  def handle_info({:EXIT, _pid, reason}, %{trap?: false} = state), do: {:stop, reason, state}

  def handle_info(message, state) do
    case Wait.handle(message, state.wait) do
      :unknown -> accept_info(message, state)
      wait -> {:noreply, %{state | wait: wait}}
    end
  end

  defp accept_info(message, state) do
    case Value.pack(message) do
      {:ok, payload} ->
        accept({:info, nil, "", payload, nil}, state)

      {:error, text} ->
        Log.refused(state.label, message, text)
        {:noreply, state}
    end
  end

  defp accept(request, %{current: nil} = state), do: {:noreply, run(request, state)}

  defp accept(request, state) do
    {:noreply, %{state | queue: :queue.in(request, state.queue)}}
  end

  defp next(%{current: nil} = state) do
    case :queue.out(state.queue) do
      {:empty, _} -> state
      {{:value, request}, queue} -> run(request, %{state | queue: queue})
    end
  end

  defp run({work, source, subject, payload, status}, state) do
    Native.actor_work(state.native, work, subject, payload, source, status)
    %{state | current: {work, source, subject, payload}}
  end

  defp begin(state, work, source, subject, payload) do
    run({work, source, subject, payload, nil}, state)
  end

  defp idle(state), do: %{state | current: nil, wait: nil}

  # ---- answers ------------------------------------------------------------------

  defp answer({:call, from, _, _}, status, payload), do: GenServer.reply(from, {status, payload})
  defp answer({:cast, nil, _, _}, :ok, _payload), do: :ok

  defp answer({:cast, nil, subject, _}, :error, payload),
    do: Log.unheard(self(), subject, payload)

  defp answer({:cast, sender, subject, _}, status, payload) do
    GenServer.cast(sender, {:rebeam, subject, payload, nil, status})
  end

  # The reason to stop for; the caller that waits is told it first.
  defp failure({:"$rebeam", :raised, type, text, traceback, python_state}, state) do
    reason = {%PythonError{type: type, message: text, traceback: traceback}, []}
    Log.crash(state.label, state.current, traceback, python_state)
    tell_caller(state.current, traceback)
    reason
  end

  defp failure({:"$rebeam", :exited, 0, _text}, state) do
    tell_caller(state.current, "normal")
    :normal
  end

  defp failure({:"$rebeam", :exited, code, text}, state) do
    Log.exited(state.label, state.current, code, text)
    tell_caller(state.current, "SystemExit: #{text}")
    {:system_exit, code}
  end

  defp tell_caller({:call, {_, [:"$rebeam" | _]} = from, _, _}, text) do
    {:ok, payload} = Value.pack(text)
    GenServer.reply(from, {:down, payload})
  end

  defp tell_caller(_current, _text), do: :ok

  # ---- the end ----------------------------------------------------------------------

  @impl true
  def terminate(reason, state) do
    state = abandon(state)

    if state.stop? do
      {:ok, payload} = Value.pack(PythonError.reason_text(reason))
      drive(begin(state, :stop, nil, "", payload))
    end

    :ok
  end

  # Code that waits ends with ActorExit in it; code that runs is let run to its next wait.
  defp abandon(%{current: nil} = state), do: state

  defp abandon(state) do
    Wait.abandon(state.wait)
    abandon_running(%{state | wait: nil})
  end

  defp abandon_running(state) do
    receive do
      {:"$rebeam", :suspend, sequence, _operation} ->
        Wait.abandon(%Wait{native: state.native, sequence: sequence})
        abandon_running(state)

      {:"$rebeam", word} when word == :done ->
        idle(state)

      {:"$rebeam", :reply, status, payload} ->
        answer(state.current, status, payload)
        idle(state)

      {:"$rebeam", :raised, _, _, _, _} ->
        idle(state)

      {:"$rebeam", :exited, _, _} ->
        idle(state)
    end
  end

  # Work that must be over before the process goes on: @start and @stop.
  defp drive(%{current: nil} = state), do: {:done, state}

  defp drive(state) do
    receive do
      {:"$rebeam", :suspend, sequence, operation} ->
        drive(%{state | wait: Wait.start(state.native, sequence, operation)})

      {:"$rebeam", :done} ->
        {:done, idle(state)}

      {:"$rebeam", :raised, _, _, _, _} = raised ->
        {:failed, failure(raised, state), idle(state)}

      {:"$rebeam", :exited, _, _} = exited ->
        {:failed, failure(exited, state), idle(state)}

      {[:"$rebeam" | _], _} = reply ->
        drive(%{state | wait: Wait.handle(reply, state.wait)})

      {:timeout, _, :"$rebeam"} = timeout ->
        drive(%{state | wait: Wait.handle(timeout, state.wait)})

      {:DOWN, monitor, :process, _, _} = down when monitor == state.wait.monitor ->
        drive(%{state | wait: Wait.handle(down, state.wait)})
    end
  end
end
