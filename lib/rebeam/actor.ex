defmodule Rebeam.Actor do
  @moduledoc false
  # One Python actor, or one Python function under supervision, as a process.
  #
  # The process takes the messages in their order and hands each to the native
  # actor (c_src/actor/actor.h), which runs them one at a time. So the process stays free
  # while Python works or is suspended: system messages, exits, monitors and timers
  # are handled at once.
  use GenServer

  import Rebeam.Value, only: [is_payload: 1]

  alias Rebeam.{Log, Names, Native, PythonError, StateMachine, Value}
  alias Rebeam.Message.{Loans, Post}
  alias Rebeam.Actor.{Backoff, Branches, Exits, Idle, Interrupt, Start, Wait}
  alias Rebeam.Message.Mailbox
  alias Rebeam.Trees.{Lineage, Starter}

  defstruct [
    :native,
    :reply_to,
    :label,
    :wait,
    :later,
    :idle,
    :backoff,
    kind: :actor,
    stop?: false,
    branches: %{}
  ]

  @doc """
  Starts a process for what `handle` makes. Options:

    * `:kind` - `:actor`, or `:run` for a function that ends
    * `:label` - what logs call it
    * `:name` - to register under
    * `:starter` - a `Rebeam.Trees.Starter`, told when the instance is made and started; the process
      itself starts at once
    * `:thread` - `:dedicated` for a thread of its own, on which all its code runs
    * `:backoff` - a `Rebeam.Actor.Backoff`: how long to wait before a restart
  """
  @spec start_link(reference, keyword) :: GenServer.on_start()
  def start_link(handle, options) do
    start_link(handle, options, [])
  end

  @doc "The same with options of `GenServer.start_link/3`."
  @spec start_link(reference | tuple, keyword, GenServer.options()) :: GenServer.on_start()
  def start_link(handle, options, server) do
    Start.link(options, &GenServer.start_link(__MODULE__, {handle, options, &1}, server))
  end

  @doc "Becomes the process of a function: for one that `Rebeam.Tasks.Spawned` made. Never returns."
  @spec run(reference, String.t()) :: no_return
  def run(handle, label) do
    state = new(handle, kind: :run, label: label)
    work(state, :run, "", handle)
    :gen_server.enter_loop(__MODULE__, [], state)
  end

  @doc "The state of a process for `handle`, which the calling process becomes."
  @spec new(reference, keyword) :: struct
  def new(handle, options) do
    native = Native.actor_new(handle, options[:thread] || :shared)
    Exits.start(options[:kind], native)
    # What tools show, under OTP's own key.
    Process.put(:"$process_label", options[:name] || options[:label])

    %__MODULE__{
      native: native,
      reply_to: native,
      label: options[:label],
      kind: options[:kind],
      backoff: options[:backoff]
    }
  end

  @impl true
  def init({handle, options, how}) do
    state = new(handle, options)
    Start.begin(how, state.label)

    case how do
      {:sync, _} -> init(state.kind, state, handle, options[:name])
      {:async, delay} -> {:ok, state, {:continue, {:start, handle, options, delay}}}
    end
  end

  defp init(:run, state, handle, name), do: init_run(state, handle, name)
  defp init(:actor, state, handle, name), do: init_actor(state, handle, name)

  defp init_run(state, handle, name) do
    Exits.guard()
    with :ok <- register(name), do: {:ok, state, {:continue, {:run, handle}}}
  end

  @doc "Makes the instance and runs its @start. State machines begin with this as well."
  @spec init_actor(struct, reference, String.t() | nil) ::
          {:ok, struct, :hibernate | {:continue, :exit}} | {:stop, term}
  def init_actor(state, handle, name) do
    work(state, if(name, do: :construct_held, else: :construct), "", handle)

    with {:ok, {own_name, stop?, later}, state} <- drive(state, :started),
         :ok <- register(name || own_name) do
      if name || own_name, do: work(state, :start, "", "")
      state = %{state | stop?: stop?, later: later}
      finish_start(drive(state, :done), state)
    else
      {:failed, reason} -> {:stop, reason}
      {:stop, reason} -> {:stop, reason}
    end
  end

  # Hibernated, an idle actor takes a third of the memory: messages from the native part
  # come in fragments of a kilobyte, which would stay until the process collects garbage.
  # Only from here on exits are trapped: a shutdown does not wait for the end of a @start.
  defp finish_start({:ok, _, state}, _) do
    if state.stop? || state.backoff, do: Exits.guard()
    {:ok, state, if(state.later, do: {:continue, :later}, else: :hibernate)}
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

    case Exits.guard_start(fn -> init(state.kind, state, handle, options[:name]) end) do
      {:ok, state, next} ->
        Starter.tell(options[:starter], {:ok, self()})
        continue(state, next)

      {:stop, reason} ->
        Starter.fail(options[:starter], reason)
        {:stop, reason, state}
    end
  end

  def handle_continue(:exit, state), do: {:stop, :normal, state}
  def handle_continue(:collect, state), do: Value.collect(state)

  # The start is over, and no message was taken yet.
  def handle_continue(:later, %{later: {continues?, idle, hibernate}} = state) do
    if continues?, do: work(state, :continue, "", "")
    {:noreply, %{state | later: nil, idle: Idle.new(idle, hibernate)}, :hibernate}
  end

  def handle_continue({:run, handle}, state) do
    work(state, :run, "", handle)
    {:noreply, state}
  end

  @impl true
  def handle_call({:rebeam, _subject, payload}, _from, %{kind: :run} = state) do
    Loans.drop(payload)
    {:ok, text} = Value.pack("#{state.label} is a function: it takes no messages")
    {:reply, {:error, text}, state}
  end

  def handle_call({:rebeam, subject, payload}, from, state)
      when is_binary(subject) and is_payload(payload) do
    case Loans.take(payload) do
      {:ok, payload} ->
        accepted = Native.actor_work(state.native, :call, subject, payload, from, nil)
        if accepted == :overloaded, do: Mailbox.refuse(:call, from, state.label)
        Value.handed_on(payload, state)

      {:error, text} ->
        {:reply, {:error, Value.pack!(text)}, state}
    end
  end

  def handle_call({:rebeam_admitted, subject, payload}, from, state) do
    Native.actor_work(state.native, :admitted_call, subject, payload, from, nil)
    Value.handed_on(payload, state)
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:rebeam, subject, payload, _, _}, %{kind: :run} = state) do
    Loans.drop(payload)
    Log.unwanted(state.label, subject)
    {:noreply, state}
  end

  def handle_cast({:rebeam, subject, payload, sender, status}, state)
      when is_binary(subject) and is_payload(payload) and (is_nil(sender) or is_pid(sender)) do
    case Loans.take(payload) do
      {:ok, payload} ->
        accepted = Native.actor_work(state.native, :cast, subject, payload, sender, status)
        if accepted == :overloaded, do: Mailbox.refuse(:cast, sender, state.label)
        Value.handed_on(payload, state)

      {:error, text} ->
        answer(sender, :error, Value.pack!(text), subject)
        {:noreply, state}
    end
  end

  def handle_cast({:rebeam_admitted, subject, payload, sender, status}, state) do
    Native.actor_work(state.native, :admitted_cast, subject, payload, sender, status)
    Value.handed_on(payload, state)
  end

  def handle_cast(message, state), do: info({:"$gen_cast", message}, state)

  @impl true
  def handle_info({:"$rebeam", :suspend, sequence, operation}, state) do
    case Wait.start(state, sequence, operation) do
      nil -> Value.handed_on(operation, %{state | wait: nil})
      # It will be long, as processes count.
      wait -> {:noreply, %{state | wait: wait}, :hibernate}
    end
  end

  def handle_info({:"$rebeam", :reply, from, status, payload, subject}, state) do
    answer(from, status, payload, subject)
    Value.handed_on(payload, state)
  end

  # Only a function's work ends with this once the actor runs.
  def handle_info({:"$rebeam", :done}, state), do: {:stop, :normal, state}

  def handle_info({:"$rebeam", :raised, _, _, _, _, _, _} = raised, state) do
    {:stop, failure(raised, state), state}
  end

  def handle_info({:EXIT, pid, reason} = message, state) when is_pid(pid) do
    case Exits.received(pid, reason) do
      :event -> event("exit", {pid, PythonError.reason_text(reason)}, state)
      :message -> info(message, state)
      :ignore -> {:noreply, state}
      :stop -> {:stop, reason, state}
    end
  end

  # From who keeps a task: it ends without harm to whom it is linked to.
  def handle_info({:"$rebeam", :cancel, owner}, state) do
    if owner, do: Process.unlink(owner)
    {:stop, :shutdown, state}
  end

  def handle_info({:"$rebeam", :interrupt, from}, state) do
    Interrupt.begin(state.native, from, nil)
    {:noreply, state}
  end

  def handle_info({:timeout, _, {:"$rebeam", {:interrupt, _, _} = due}}, state) do
    case Interrupt.again(due, state, nil) do
      :ok -> {:noreply, state}
      {:cut, reason} -> {:stop, reason, state}
    end
  end

  def handle_info({:"$rebeam", :wake}, state),
    do: {:noreply, %{state | idle: Idle.wake(state.idle)}}

  def handle_info({:"$rebeam", :overloaded}, state) do
    Mailbox.report(state.label)
    {:noreply, state}
  end

  def handle_info({:timeout, _, {:"$rebeam", alarm}}, state) do
    case {alarm, Idle.due?(state.idle, alarm, state.native)} do
      {_, {false, idle}} ->
        {:noreply, %{state | idle: idle}}

      {:hibernate, {true, idle}} ->
        {:noreply, %{state | idle: idle}, :hibernate}

      {:idle, {true, idle}} ->
        work(state, :idle, "", "")
        {:noreply, %{state | idle: Idle.stir(idle)}}
    end
  end

  def handle_info(message, state) do
    case heard(message, state) do
      :unknown -> info(message, state)
      state -> Value.handed_on(message, state)
    end
  end

  @doc "The state once the waits of the code have heard of the message."
  @spec heard(term, struct) :: struct | :unknown
  def heard(message, state) do
    with :unknown <- Branches.handle(message, state) do
      case Wait.handle(message, state) do
        :unknown -> :unknown
        wait -> %{state | wait: wait}
      end
    end
  end

  defp info(_message, %{kind: :run} = state), do: {:noreply, state}

  defp info({:DOWN, monitor, :process, pid, reason}, state) do
    event("down", {monitor, pid, PythonError.reason_text(reason)}, state)
  end

  defp info(message, state) do
    case Value.payload(message) do
      {:ok, payload} ->
        work(state, :info, "", payload)
        Value.handed_on(payload, state)

      {:error, text} ->
        Log.refused(state.label, message, text)
        {:noreply, state}
    end
  end

  # What Python gets as an object of its own: python/rebeam/_events.py.
  defp event(_kind, _fields, %{kind: :run} = state), do: {:noreply, state}

  defp event(kind, fields, state) do
    {:ok, payload} = Value.pack(fields)
    work(state, :info, kind, payload)
    {:noreply, state}
  end

  defp work(state, work, subject, payload) do
    Native.actor_work(state.native, work, subject, payload, nil, nil)
  end

  # Native actors are answered natively. What is left: other callers, remote senders of
  # casts, and errors of casts that nobody waits for.
  # An event of a state machine that ends.
  defp answer({_, [ref | _]} = from, status, payload, _) when is_reference(ref),
    do: StateMachine.Step.late(from, status, payload)

  defp answer(nil, :error, payload, subject), do: Log.unheard(self(), subject, payload)
  defp answer({_, _} = from, status, payload, _), do: Post.reply(from, status, payload)

  defp answer(sender, status, payload, subject),
    do: Post.cast(sender, subject, payload, nil, status)

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
    Exits.follow_kill(reason)
    Exits.ending()
    Lineage.note(:ending)
    Backoff.ended(state.backoff, reason)
    text = PythonError.reason_text(reason)
    unless Interrupt.cut?(), do: close(state, text)
    :ok
  end

  defp close(state, text) do
    if Native.actor_close(state.native, text) == :closing do
      drive(state, :closed)
    end

    if state.stop? do
      {:ok, payload} = Value.pack(text)
      work(state, :stop, "", payload)
      drive(state, :done)
    end
  end

  @doc """
  Lets work end that must be over before the process goes on: until `word` comes, with what
  comes with it. For state machines the word is the reference of an event.
  """
  @spec drive(struct, atom | reference) :: {:ok, term, struct} | {:failed, term}
  def drive(state, word) do
    deaf = Exits.deaf()
    ender = Exits.ender()
    parent = if is_reference(word), do: Exits.parent()

    receive do
      {:"$rebeam", :reply, {_, [^word | _]}, status, payload, _} ->
        {:ok, {status, payload}, state}

      {:EXIT, ^ender, reason} ->
        exit(reason)

      # The code gets ActorExit where it waits, when the process terminates.
      {:EXIT, ^parent, reason} ->
        {:failed, reason}

      {:EXIT, pid, reason}
      when deaf != :all and pid != deaf and (reason != :normal or pid == self()) ->
        {:failed, reason}

      {:"$rebeam", ^word} ->
        {:ok, nil, state}

      {:"$rebeam", ^word, name, stop?, later} ->
        {:ok, {name, stop?, later}, state}

      {:"$rebeam", :suspend, sequence, operation} ->
        Value.passed(operation)
        drive(%{state | wait: Wait.start(state, sequence, operation)}, word)

      {:"$rebeam", :reply, from, status, payload, subject} ->
        answer(from, status, payload, subject)
        drive(state, word)

      {:"$rebeam", :raised, _, _, _, _, _, _} = raised ->
        failed(raised, state, word)

      {:"$rebeam", :beside, _, _} = message ->
        drive(heard(message, state), word)

      {:"$rebeam", :settled, _} = message ->
        drive(heard(message, state), word)

      {[:"$rebeam" | _], _} = message ->
        Value.passed(message)
        drive(heard(message, state), word)

      {:timeout, _, :"$rebeam"} = message ->
        drive(heard(message, state), word)

      {:"$rebeam", :interrupt, from} ->
        Interrupt.begin(state.native, from, word)
        drive(state, word)

      {:timeout, _, {:"$rebeam", {:interrupt, _, _} = due}} ->
        with :ok <- Interrupt.again(due, state, word), do: drive(state, word)

      {:DOWN, monitor, :process, _, _} = down when monitor == state.wait.monitor ->
        drive(heard(down, state), word)

      {:DOWN, monitor, :process, _, _} = down when is_map_key(state.branches, monitor) ->
        drive(heard(down, state), word)
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
