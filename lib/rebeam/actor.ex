defmodule Rebeam.Actor do
  @moduledoc false
  # One Python actor, or one Python function under supervision, as a process.
  #
  # The process takes the messages in their order and hands each to the native
  # actor (c_src/actor.h), which runs them one at a time. So the process stays free
  # while Python works or is suspended: system messages, exits, monitors and timers
  # are handled at once.
  use GenServer

  alias Rebeam.{Backoff, Lineage, Log, Names, Native, PythonError, Starter, Value, Wait}

  defstruct [:native, :reply_to, :label, :wait, :backoff, kind: :actor, stop?: false]

  @doc """
  Starts a process for what `handle` makes. Options:

    * `:kind` - `:actor`, or `:run` for a function that ends
    * `:label` - what logs call it
    * `:name` - to register under
    * `:starter` - a `Rebeam.Starter`, told when the instance is made and started; the process
      itself starts at once
    * `:backoff` - a `Rebeam.Backoff`: how long to wait before a restart
  """
  @spec start_link(reference, keyword) :: GenServer.on_start()
  def start_link(handle, options) do
    mode = Starter.begin(options[:starter])
    delay = Backoff.delay(options[:backoff])
    start(if(mode == :sync and delay > 0, do: :async, else: mode), handle, options, delay)
  end

  defp start(:abandoned, _handle, _options, _delay), do: :ignore

  defp start(:sync, handle, options, _delay) do
    Lineage.start(&GenServer.start_link(__MODULE__, {handle, options, {:sync, &1}}))
  end

  defp start(:async, handle, options, delay) do
    GenServer.start_link(__MODULE__, {handle, options, {:async, delay}})
  end

  @impl true
  def init({handle, options, how}) do
    native = Native.actor_new(handle)
    {kind, backoff} = {options[:kind], options[:backoff]}
    state = %__MODULE__{native: native, reply_to: native, label: options[:label], kind: kind}
    state = %{state | backoff: backoff}

    case how do
      {:sync, start} ->
        Lineage.born(start, state.label)
        init(kind, state, handle, options[:name])

      {:async, delay} ->
        Lineage.born(nil, state.label)
        {:ok, state, {:continue, {:start, handle, options, delay}}}
    end
  end

  defp init(:run, state, handle, name), do: init_run(state, handle, name)
  defp init(:actor, state, handle, name), do: init_actor(state, handle, name)

  defp init_run(state, handle, name) do
    Process.flag(:trap_exit, true)
    with :ok <- register(name), do: {:ok, state, {:continue, {:run, handle}}}
  end

  defp init_actor(state, handle, name) do
    work(state, :construct, if(name, do: "hold", else: ""), handle)

    with {:ok, {own_name, stop?}, state} <- drive(state, :started),
         :ok <- register(name || own_name) do
      if name || own_name, do: work(state, :start, "", "")
      finish_start(drive(%{state | stop?: stop?}, :done), %{state | stop?: stop?})
    else
      {:failed, reason} -> {:stop, reason}
      {:stop, reason} -> {:stop, reason}
    end
  end

  # Hibernated, an idle actor takes a third of the memory: messages from the native part
  # come in fragments of a kilobyte, which would stay until the process collects garbage.
  # Only from here on exits are trapped: a shutdown does not wait for the end of a @start.
  defp finish_start({:ok, _, state}, _) do
    if state.stop? || state.backoff, do: Process.flag(:trap_exit, true)
    {:ok, state, :hibernate}
  end

  # sys.exit() in @start: an actor that started, and was done with that.
  defp finish_start({:failed, :normal}, state), do: {:ok, state, {:continue, :exit}}
  defp finish_start({:failed, reason}, _), do: {:stop, reason}

  defp register(nil), do: :ok

  defp register(name) do
    case Names.register(name) do
      :ok -> :ok
      {:error, {:already_registered, pid}} -> {:stop, {:already_started, pid}}
    end
  end

  defp continue(state, :hibernate), do: {:noreply, state, :hibernate}
  defp continue(state, {:continue, :exit}), do: {:stop, :normal, state}
  defp continue(state, next), do: {:noreply, state, next}

  # ---- messages --------------------------------------------------------------------

  @impl true
  def handle_continue({:start, handle, options, delay}, state) do
    Backoff.wait(state.backoff, delay)

    case init(state.kind, state, handle, options[:name]) do
      {:ok, state, next} ->
        Starter.tell(options[:starter], {:ok, self()})
        continue(state, next)

      {:stop, reason} ->
        Starter.fail(options[:starter], reason)
        {:stop, reason, state}
    end
  end

  def handle_continue(:exit, state), do: {:stop, :normal, state}

  def handle_continue({:run, handle}, state) do
    work(state, :run, "", handle)
    {:noreply, state}
  end

  @impl true
  def handle_call({:rebeam, _subject, _payload}, _from, %{kind: :run} = state) do
    {:ok, text} = Value.pack("#{state.label} is a function: it takes no messages")
    {:reply, {:error, text}, state}
  end

  def handle_call({:rebeam, subject, payload}, from, state) do
    Native.actor_work(state.native, :call, subject, payload, from, nil)
    {:noreply, state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:rebeam, subject, _, _, _}, %{kind: :run} = state) do
    Log.unwanted(state.label, subject)
    {:noreply, state}
  end

  def handle_cast({:rebeam, subject, payload, sender, status}, state) do
    Native.actor_work(state.native, :cast, subject, payload, sender, status)
    {:noreply, state}
  end

  def handle_cast(message, state), do: info({:"$gen_cast", message}, state)

  @impl true
  def handle_info({:"$rebeam", :suspend, sequence, operation}, state) do
    case Wait.start(state, sequence, operation) do
      nil -> {:noreply, %{state | wait: nil}}
      # It will be long, as processes count.
      wait -> {:noreply, %{state | wait: wait}, :hibernate}
    end
  end

  def handle_info({:"$rebeam", :reply, from, status, payload, subject}, state) do
    answer(from, status, payload, subject)
    {:noreply, state}
  end

  # Only a function's work ends with this once the actor runs.
  def handle_info({:"$rebeam", :done}, state), do: {:stop, :normal, state}

  def handle_info({:"$rebeam", :raised, _, _, _, _, _, _} = raised, state) do
    {:stop, failure(raised, state), state}
  end

  # Exits are trapped for @stop alone: to the actor they mean what they do without that.
  def handle_info({:EXIT, _pid, :normal}, state), do: {:noreply, state}
  def handle_info({:EXIT, _pid, reason}, state), do: {:stop, reason, state}

  def handle_info(message, state) do
    case Wait.handle(message, state) do
      :unknown -> info(message, state)
      wait -> {:noreply, %{state | wait: wait}}
    end
  end

  defp info(_message, %{kind: :run} = state), do: {:noreply, state}

  defp info(message, state) do
    case Value.pack(message) do
      {:ok, payload} -> work(state, :info, "", payload)
      {:error, text} -> Log.refused(state.label, message, text)
    end

    {:noreply, state}
  end

  defp work(state, work, subject, payload) do
    Native.actor_work(state.native, work, subject, payload, nil, nil)
  end

  # Native actors are answered natively. What is left: other callers, remote senders of
  # casts, and errors of casts that nobody waits for.
  defp answer(nil, :error, payload, subject), do: Log.unheard(self(), subject, payload)
  defp answer({_, _} = from, status, payload, _), do: GenServer.reply(from, {status, payload})

  defp answer(sender, status, payload, subject) do
    GenServer.cast(sender, {:rebeam, subject, payload, nil, status})
  end

  # ---- the end ----------------------------------------------------------------------

  # The reason to stop for, logged once. Callers have been told.
  defp failure({_, _, nil, type, text, traceback, python_state, current}, state) do
    Log.crash(state.label, current, traceback, python_state)
    {%PythonError{type: type, message: text, traceback: traceback}, []}
  end

  defp failure({_, _, 0, _type, _text, _traceback, _python_state, _current}, _state), do: :normal

  defp failure({_, _, code, _type, text, _traceback, _python_state, current}, state) do
    Log.exited(state.label, current, code, text)
    {:system_exit, code}
  end

  @impl true
  def terminate(reason, state) do
    Lineage.note(:ending)
    Backoff.ended(state.backoff, reason)
    text = PythonError.reason_text(reason)

    if Native.actor_close(state.native, text) == :closing do
      drive(state, :closed)
    end

    if state.stop? do
      {:ok, payload} = Value.pack(text)
      work(state, :stop, "", payload)
      drive(state, :done)
    end

    :ok
  end

  # Lets work end that must be over before the process goes on: until `word` comes, with what
  # comes with it.
  defp drive(state, word) do
    receive do
      {:"$rebeam", ^word} ->
        {:ok, nil, state}

      {:"$rebeam", ^word, name, stop?} ->
        {:ok, {name, stop?}, state}

      {:"$rebeam", :suspend, sequence, operation} ->
        drive(%{state | wait: Wait.start(state, sequence, operation)}, word)

      {:"$rebeam", :reply, from, status, payload, subject} ->
        answer(from, status, payload, subject)
        drive(state, word)

      {:"$rebeam", :raised, _, _, _, _, _, _} = raised ->
        failed(raised, state, word)

      {[:"$rebeam" | _], _} = message ->
        drive(%{state | wait: Wait.handle(message, state)}, word)

      {:timeout, _, :"$rebeam"} = message ->
        drive(%{state | wait: Wait.handle(message, state)}, word)

      {:DOWN, monitor, :process, _, _} = down when monitor == state.wait.monitor ->
        drive(%{state | wait: Wait.handle(down, state)}, word)
    end
  end

  # What is cut off by the end of the actor says so with ActorExit: that is no failure.
  defp failed({_, _, _, "ActorExit", _, _, _, _}, state, :closed), do: drive(state, :closed)

  defp failed(raised, state, :closed) do
    failure(raised, state)
    drive(state, :closed)
  end

  defp failed(raised, state, _word), do: {:failed, failure(raised, state)}
end
