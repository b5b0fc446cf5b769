defmodule Rebeam.Actor do
  @moduledoc false
  # One Python actor, or one Python function under supervision, as a process.
  #
  # The process takes the messages in their order and hands each to the native
  # actor (c_src/actor/actor.h), which runs them one at a time. So the process stays free
  # while Python works or is suspended: system messages, exits, monitors and timers
  # are handled at once.
  use GenServer

  import Rebeam.Message.Payload, only: [is_payload: 1]

  alias Rebeam.{Log, Native, PythonError}
  alias Rebeam.Actor.{Exits, Idle, Interrupt, Life, Loop, Moved, Moving, Owner, Raised, Start}
  alias Rebeam.Child.{Backoff, Lineage, Starter}
  alias Rebeam.Message.{Events, Loans, Mailbox, Payload, Post}
  alias Rebeam.Value.Codec

  # `idle` is nil until the start is over, and for functions; `moving` while it does not move.
  defstruct [:owner, :label, :backoff, :idle, :moving]

  @doc """
  Starts a process for what `handle` makes. Options:

    * `:kind` - `:actor`, or `:run` for a function that ends
    * `:label` - what logs call it
    * `:name` - to register under
    * `:starter` - a `Rebeam.Child.Starter`, told when the instance is made and started; the process
      itself starts at once
    * `:thread` - `:dedicated` for a thread of its own, on which all its code runs
    * `:backoff` - a `Rebeam.Child.Backoff`: how long to wait before a restart
    * `:arrives` - it comes from another node, with that luggage (`Rebeam.Actor.Moving`)
    * `:isolation` - where its Python runs, if that is a unit of this VM
  """
  @spec start_link(reference, keyword) :: GenServer.on_start()
  def start_link(handle, options) do
    start_link(handle, options, [])
  end

  @doc "The same with options of `GenServer.start_link/3`."
  @spec start_link(reference | tuple, keyword, GenServer.options()) :: GenServer.on_start()
  def start_link(handle, options, server) do
    Start.link(options, &start_link(&1, handle, options, server))
  end

  # Nothing of an actor that starts by itself is waited for.
  defp start_link({:async, _} = how, handle, options, []) do
    if options[:kind] == :actor,
      do: {:ok, :proc_lib.spawn_link(__MODULE__, :init_it, [handle, options, how])},
      else: GenServer.start_link(__MODULE__, {handle, options, how})
  end

  defp start_link(how, handle, options, server),
    do: GenServer.start_link(__MODULE__, {handle, options, how}, server)

  @doc false
  def init_it(handle, options, how) do
    # As proc_lib has it for a GenServer.
    Process.put(:"$initial_call", {__MODULE__, :init, 1})
    {:ok, state, next} = init({handle, options, how})
    Loop.begin(__MODULE__, state, next)
  end

  @doc "Becomes the process of a function, with what exit signals do to it. Never returns."
  @spec run(reference | tuple, String.t(), Exits.t()) :: no_return
  def run(handle, label, exits \\ %Exits{}) do
    state = state(Life.new(handle, [label: label], kind: :run, exits: exits))
    Owner.work(state.owner, :run, "", handle)
    :gen_server.enter_loop(__MODULE__, [], state)
  end

  defp state(owner: owner, label: label, backoff: backoff),
    do: %__MODULE__{owner: owner, label: label, backoff: backoff}

  @doc "Ends a function in order, for who keeps it: without harm to whom it is linked to."
  @spec cancel(pid, pid | nil) :: term
  def cancel(pid, linked), do: send(pid, {__MODULE__, :cancel, linked})

  @impl true
  def init({handle, options, how}) do
    state = state(Life.new(handle, options, kind: options[:kind]))
    Start.begin(how, state.label)
    luggage = options[:arrives] || %{}

    case how do
      {:sync, _} when is_map_key(luggage, :root) ->
        state |> Life.arrive(handle, luggage) |> started()

      {:sync, _} ->
        state |> start(handle, options[:name]) |> Life.left_out()

      {:async, delay} ->
        {:ok, state, {:continue, {:start, handle, options, delay}}}
    end
  end

  defp start(%{owner: %{kind: :run}} = state, handle, name) do
    state = Life.guard(state)
    with :ok <- Life.register(name), do: {:ok, state, {:continue, {:run, handle}}}
  end

  defp start(%{owner: %{kind: :actor}} = state, handle, name),
    do: state |> Life.start(handle, name) |> started()

  defp started(result) do
    case result do
      {:ok, state, nil} -> {:ok, state, {:continue, :enter}}
      {:ok, state, later} -> {:ok, state, {:continue, {:later, later}}}
      {:over, state} -> {:ok, state, {:continue, :exit}}
      {:stop, reason} -> {:stop, reason}
    end
  end

  defp continue(state, {:continue, :exit}), do: {:stop, :normal, state}
  defp continue(state, next), do: {:noreply, state, next}

  # ---- messages --------------------------------------------------------------------

  @impl true
  def handle_continue({:start, handle, options, delay}, state) do
    Backoff.wait(state.backoff, delay)
    Starter.told_natively(options[:starter], state.owner.native)

    with {:ok, state, next} <- state |> Life.starting() |> start(handle, options[:name]) do
      Starter.tell(options[:starter], {:ok, self()})
      continue(state, next)
    else
      {:stop, reason} ->
        Starter.fail(options[:starter], reason)
        {:stop, reason, state}
    end
  end

  def handle_continue(:exit, state), do: {:stop, :normal, state}
  def handle_continue(:enter, state), do: Loop.enter(__MODULE__, state)
  def handle_continue(:collect, state), do: Payload.collect(state)

  # The start is over, and no message was taken yet.
  def handle_continue({:later, {continues?, idle, hibernate}}, state) do
    if continues?, do: Owner.work(state.owner, :continue)
    {:noreply, %{state | idle: Idle.new(idle, hibernate)}, {:continue, :enter}}
  end

  def handle_continue({:run, handle}, state) do
    Lineage.begun()
    Owner.work(state.owner, :run, "", handle)
    {:noreply, state}
  end

  @impl true
  def handle_call({:rebeam, _subject, payload}, from, %{owner: %{kind: :run}} = state) do
    Loans.drop(payload)
    Post.reply(from, :error, Codec.pack!("#{state.label} is a function: it takes no messages"))
    {:noreply, state}
  end

  def handle_call({:rebeam, subject, payload}, from, state)
      when is_binary(subject) and is_payload(payload) do
    case Loans.take(payload) do
      {:ok, payload} ->
        accepted = Native.actor_work(state.owner.native, :call, subject, payload, from, nil)
        if accepted == :overloaded, do: Mailbox.refuse(:call, from, state.label)
        Payload.handed_on(payload, state)

      {:error, text} ->
        Post.reply(from, :error, Codec.pack!(text))
        {:noreply, state}
    end
  end

  def handle_call({:rebeam_admitted, subject, payload}, from, state) do
    Native.actor_work(state.owner.native, :admitted_call, subject, payload, from, nil)
    Payload.handed_on(payload, state)
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:rebeam, subject, payload, _, _}, %{owner: %{kind: :run}} = state) do
    Loans.drop(payload)
    Log.unwanted(state.label, subject)
    {:noreply, state}
  end

  def handle_cast({:rebeam, subject, payload, sender, status}, state)
      when is_binary(subject) and is_payload(payload) and (is_nil(sender) or is_pid(sender)) do
    case Loans.take(payload) do
      {:ok, payload} ->
        accepted = Native.actor_work(state.owner.native, :cast, subject, payload, sender, status)
        if accepted == :overloaded, do: Mailbox.refuse(:cast, sender, state.label)
        Payload.handed_on(payload, state)

      {:error, text} ->
        Owner.answer(unless(status, do: sender), :error, Codec.pack!(text), subject)
        {:noreply, state}
    end
  end

  def handle_cast({:rebeam_admitted, subject, payload, sender, status}, state) do
    Native.actor_work(state.owner.native, :admitted_cast, subject, payload, sender, status)
    Payload.handed_on(payload, state)
  end

  def handle_cast(message, state), do: info({:"$gen_cast", message}, state)

  @impl true
  def handle_info({__MODULE__, :cancel, linked}, state) do
    if linked, do: Process.unlink(linked)
    {:stop, :shutdown, state}
  end

  def handle_info({Moving, :describe, asker}, state) do
    Moving.describe(asker, __MODULE__, state.owner, state.label)
    {:noreply, state}
  end

  def handle_info({Moving, :move, asker, guest}, state),
    do: {:noreply, %{state | moving: Moving.begin(asker, guest, state.owner, state.moving)}}

  def handle_info({Moving, :settle, luggage, groups, topics}, state) do
    Moving.settle(luggage, groups, topics)
    {:noreply, state}
  end

  def handle_info({Moved, :flush, asker}, state) do
    Moved.arrived(asker)
    {:noreply, state}
  end

  # Of an event that came where it was before.
  def handle_info({:"$rebeam", :info, kind, payload}, state) do
    with {:ok, payload} <- Loans.take(payload),
         do: Owner.work(state.owner, :info, kind, payload)

    Payload.handed_on(payload, state)
  end

  def handle_info(message, %{moving: %Moving{} = moving} = state) do
    case Moving.heard(message, moving, state.owner) do
      {:goes_on, moving} -> {:noreply, %{state | moving: moving}}
      :stays -> {:noreply, %{state | moving: nil}}
      {:left, moved} -> {:noreply, moved, {:become, Moved}}
      :unknown -> handle_message(message, state)
    end
  end

  def handle_info(message, state), do: handle_message(message, state)

  defp handle_message({:EXIT, pid, reason}, state) when is_pid(pid) do
    case Exits.received(state.owner.exits, pid, reason) do
      :event -> event("exit", {pid, PythonError.reason_text(reason)}, state)
      :ignore -> {:noreply, state}
      :stop -> {:stop, reason, Life.signalled(state)}
    end
  end

  defp handle_message({Mailbox, :overloaded}, state) do
    Mailbox.report(state.label)
    {:noreply, state}
  end

  defp handle_message({:timeout, _, {Idle, alarm}}, state) do
    {due?, idle} = Idle.due?(state.idle, alarm, state.owner.native)
    rest(alarm, due?, %{state | idle: idle})
  end

  defp handle_message(message, state),
    do: message |> Owner.read(state.owner) |> told(message, state)

  defp rest(_alarm, false, state), do: {:noreply, state}
  defp rest(:hibernate, true, state), do: {:noreply, state, :hibernate}

  defp rest(:idle, true, state) do
    Owner.work(state.owner, :idle)
    {:noreply, %{state | idle: Idle.stir(state.idle)}}
  end

  # ---- what the native part told ---------------------------------------------------

  defp told({:heard, owner, brought}, _, state),
    do: Payload.handed_on(brought, %{state | owner: owner})

  defp told({:suspended, %{wait: nil} = owner, brought}, _, state),
    do: Payload.handed_on(brought, %{state | owner: owner})

  # It will be long, as processes count.
  defp told({:suspended, owner, _}, _, state),
    do: {:noreply, %{state | owner: owner}, :hibernate}

  # Only a function's work ends with this once the actor runs.
  defp told({:over, :done, _}, _, state), do: {:stop, :normal, state}
  defp told({:raised, raised}, _, state), do: {:stop, Raised.reason(raised, state.label), state}
  defp told(:wake, _, state), do: {:noreply, %{state | idle: Idle.wake(state.idle)}}

  defp told({:interrupt, due}, _, %{owner: owner} = state) do
    case Interrupt.pursue(due, owner.native, nil) do
      :cut -> {:stop, Interrupt.cut(state.label), %{state | owner: %{owner | cut?: true}}}
      _ -> {:noreply, state}
    end
  end

  defp told(_other, message, state), do: info(message, state)

  defp info(_message, %{owner: %{kind: :run}} = state), do: {:noreply, state}

  defp info({:DOWN, monitor, :process, pid, reason}, state),
    do: event("down", {monitor, pid, PythonError.reason_text(reason)}, state)

  defp info(message, state) do
    case Events.of(message) do
      [] -> plain(message, state)
      events -> events(events, state)
    end
  end

  defp events(events, state) do
    for {kind, fields} <- events, do: event(kind, fields, state)
    {:noreply, state}
  end

  defp plain(message, state) do
    case Codec.payload(message) do
      {:ok, payload} ->
        Owner.work(state.owner, :info, "", payload)
        Payload.handed_on(payload, state)

      {:error, text} ->
        Log.refused(state.label, message, text)
        {:noreply, state}
    end
  end

  # What Python gets as an object of its own: python/rebeam/_events.py.
  defp event(_kind, _fields, %{owner: %{kind: :run}} = state), do: {:noreply, state}

  defp event(kind, fields, state) do
    Owner.work(state.owner, :info, kind, Codec.pack!(fields))
    {:noreply, state}
  end

  @impl true
  def terminate(reason, state), do: Life.terminate(state, reason)
end
