defmodule Rebeam.StateMachine do
  @moduledoc false
  # One Python state machine (GenStateMachine) as a process: OTP's gen_statem.
  #
  #   :starting --made and started--> its initial state --what handlers return--> ...
  #
  # States are strings. gen_statem keeps the state, the queue of postponed events and the
  # timers; Python is asked what each event means (step.ex), and this process waits for the
  # answer, so events are handled one at a time and in OTP's order, whatever a handler waits for.
  #
  # One that goes on elsewhere comes to the state `:moved`, where it hands on all that comes, the events
  # first that it had postponed (`Rebeam.Actor.Moved`).
  @behaviour :gen_statem

  import Rebeam.Message.Payload, only: [is_payload: 1]

  alias Rebeam.{Log, PythonError}
  alias Rebeam.Actor.{Exits, Life, Loop, Moved, Moving, Owner, Start}
  alias Rebeam.Child.{Backoff, Starter}
  alias Rebeam.Message.{Events, Loans, Post}
  alias Rebeam.StateMachine.{Callers, Step, Timers}
  alias Rebeam.Value.Codec

  # `enters?`: it has @enter handlers; `callers`: of postponed calls; `timers`: what is set.
  defstruct [:owner, :label, :backoff, enters?: false, entered?: false, callers: %{}, timers: %{}]

  @doc "Starts a process for the state machine that `handle` makes; options as `Rebeam.Actor`'s."
  @spec start_link(reference, keyword) :: :gen_statem.start_ret()
  def start_link(handle, options) do
    Start.link(options, &:gen_statem.start_link(__MODULE__, {handle, options, &1}, []))
  end

  @impl true
  def callback_mode, do: [:handle_event_function, :state_enter]

  @impl true
  def init({handle, options, how}) do
    # A long mailbox is not looked through when this process collects garbage.
    Process.flag(:message_queue_data, :off_heap)
    data = struct!(__MODULE__, Life.new(handle, options, kind: :actor, late: &Step.late/3))
    Start.begin(how, data.label)

    luggage = options[:arrives] || %{}

    case how do
      {:sync, _} when is_map_key(luggage, :root) ->
        arrive(data, handle, luggage)

      {:sync, _} ->
        data |> begin(handle, options[:name]) |> Life.left_out()

      {:async, delay} ->
        {:ok, :starting, data, {:next_event, :internal, {handle, options, delay}}}
    end
  end

  # Its first state was entered where it was before.
  defp arrive(data, handle, luggage) do
    with {:ok, data, _later} <- Life.arrive(data, handle, luggage),
         {:ok, {state, enters?}, data} <- Step.run(data, {"arrived", "", ""}, %{}) do
      {timers, actions} = Timers.again(luggage.timers)
      data = %{data | timers: timers, entered?: true}
      {:ok, state, data, [{:next_event, :internal, {:arrived, enters?}} | actions]}
    else
      {:stop, reason, _data} -> {:stop, reason}
      {:stop, reason} -> {:stop, reason}
    end
  end

  defp begin(data, handle, name) do
    case Life.start(data, handle, name) do
      {:ok, data, _later} -> first_state(Step.run(data, {"initial", "", ""}, %{}))
      {:over, data} -> {:ok, :starting, data, {:next_event, :internal, :exit}}
      {:stop, reason} -> {:stop, reason}
    end
  end

  defp first_state({:ok, {state, enters?}, data}) do
    {:ok, state, %{data | enters?: enters?}, :hibernate}
  end

  defp first_state({:stop, reason, _data}), do: {:stop, reason}

  # ---- events ----------------------------------------------------------------------

  @impl true
  def handle_event(type, content, :moved, moved), do: hand_on(type, content, moved)

  def handle_event(:internal, {:arrived, enters?}, _state, data),
    do: {:keep_state, %{data | enters?: enters?}, :hibernate}

  def handle_event(:internal, {handle, options, delay}, :starting, data) do
    Backoff.wait(data.backoff, delay)

    with {:ok, state, data, actions} <- data |> Life.starting() |> begin(handle, options[:name]) do
      Starter.tell(options[:starter], {:ok, self()})
      if state == :starting, do: {:stop, :normal, data}, else: {:next_state, state, data, actions}
    else
      {:stop, reason} ->
        Starter.fail(options[:starter], reason)
        {:stop, reason, data}
    end
  end

  def handle_event(:internal, :exit, :starting, data), do: {:stop, :normal, data}
  def handle_event(:enter, _, :starting, _data), do: :keep_state_and_data

  def handle_event(:enter, _old, _state, %{enters?: false}), do: :keep_state_and_data

  def handle_event(:enter, old, state, data) do
    previous = if data.entered?, do: old
    {:ok, payload} = Codec.pack(previous)
    Step.take(%{data | entered?: true}, {"enter", state, ""}, %{payload: payload})
  end

  def handle_event({:call, from}, {:rebeam, subject, payload}, state, data)
      when is_binary(subject) and is_payload(payload) do
    case Loans.take(payload) do
      {:ok, ^payload} ->
        Step.take(data, {"call", state, subject}, %{payload: payload, from: from})

      {:ok, taken} ->
        again({:call, from}, {:rebeam, subject, taken})

      {:error, text} ->
        Post.reply(from, :error, Codec.pack!(text))
        :keep_state_and_data
    end
  end

  def handle_event({:call, from}, _request, _state, _data) do
    {:keep_state_and_data, {:reply, from, {:error, :not_a_rebeam_call}}}
  end

  def handle_event(:cast, {:rebeam, subject, payload, sender, status}, state, data)
      when is_binary(subject) and is_payload(payload) do
    work = if status, do: "answer", else: if(sender, do: "cast", else: "unsigned")

    case Loans.take(payload) do
      {:ok, ^payload} ->
        event = %{payload: payload, sender: sender, status: status}
        Step.take(data, {work, state, subject}, event)

      {:ok, taken} ->
        again(:cast, {:rebeam, subject, taken, sender, status})

      {:error, text} ->
        unheard(unless(status, do: sender), subject, Codec.pack!(text))
        :keep_state_and_data
    end
  end

  def handle_event(:cast, message, state, data), do: info({:"$gen_cast", message}, state, data)

  def handle_event(:state_timeout, _, state, data) do
    Step.take(data, {"state_timeout", state, ""}, %{})
  end

  def handle_event({:timeout, name}, _, state, data) do
    Step.take(data, {"timeout", state, name}, %{})
  end

  def handle_event(:timeout, _, state, data) do
    Step.take(data, {"event_timeout", state, ""}, %{})
  end

  def handle_event(:info, {:EXIT, pid, reason}, state, data) when is_pid(pid) do
    case Exits.received(data.owner.exits, pid, reason) do
      :event -> event("exit", {pid, PythonError.reason_text(reason)}, state, data)
      :ignore -> :keep_state_and_data
      :stop -> {:stop, reason, Life.signalled(data)}
    end
  end

  # Of an event that came where it was before: packed flat, so nothing of it is lent.
  def handle_event(:info, {:"$rebeam", :info, kind, payload}, state, data)
      when is_binary(kind) and is_binary(payload),
      do: Step.take(data, {"info", state, kind}, %{payload: payload})

  def handle_event(:info, {Moving, :describe, asker}, _state, data) do
    Moving.describe(asker, __MODULE__, data.owner, data.label)
    :keep_state_and_data
  end

  def handle_event(:info, {Moving, :move, asker, guest}, state, data),
    do: move(asker, guest, state, data)

  def handle_event(:info, {Moving, :settle, luggage, groups, topics}, _state, _data) do
    Moving.settle(luggage, groups, topics)
    :keep_state_and_data
  end

  def handle_event(:info, {Moved, :flush, asker}, _state, _data) do
    Moved.arrived(asker)
    :keep_state_and_data
  end

  # It works on nothing now: what an interrupt was for is over. What still comes for a wait that
  # is over is nobody's.
  def handle_event(:info, message, state, data) do
    case Owner.read(message, data.owner) do
      :unknown -> info(message, state, data)
      {word, owner, _} when word in [:heard, :suspended] -> {:keep_state, %{data | owner: owner}}
      _over -> :keep_state_and_data
    end
  end

  # What was lent can be taken once: the event that may be postponed is the one that has it.
  defp again(type, event), do: {:keep_state_and_data, {:next_event, type, event}}

  defp unheard(nil, subject, payload), do: Log.unheard(self(), subject, payload)
  defp unheard(sender, subject, payload), do: Post.cast(sender, subject, payload, self(), :error)

  defp info({:DOWN, monitor, :process, pid, reason}, state, data) do
    event("down", {monitor, pid, PythonError.reason_text(reason)}, state, data)
  end

  defp info({__MODULE__, kind, fields}, state, data), do: event(kind, fields, state, data)

  defp info(message, state, data) do
    case Events.of(message) do
      [] -> plain(message, state, data)
      events -> {:keep_state_and_data, Enum.map(events, &one_by_one/1)}
    end
  end

  defp one_by_one({kind, fields}), do: {:next_event, :info, {__MODULE__, kind, fields}}

  defp plain(message, state, data) do
    case Codec.payload(message) do
      {:ok, payload} ->
        Step.take(data, {"info", state, ""}, %{payload: payload})

      {:error, text} ->
        Log.refused(data.label, message, text)
        :keep_state_and_data
    end
  end

  defp event(kind, fields, state, data) do
    {:ok, payload} = Codec.pack(fields)
    Step.take(data, {"info", state, kind}, %{payload: payload})
  end

  # ---- it goes on elsewhere ---------------------------------------------------------

  defp move(asker, guest, state, data) do
    if Moving.here?(asker, guest), do: :keep_state_and_data, else: give(asker, guest, state, data)
  end

  defp give(asker, guest, state, data) do
    case Step.ask(data, {"move", state, ""}, %{}) do
      {:stop, reason, data} ->
        {:stop, reason, data}

      {answer, payload, data} when answer in [:ok, :refused] ->
        status = if answer == :ok, do: :ok, else: :error
        luggage = %{timers: Timers.left(data.timers)}

        case Moving.give({status, payload}, asker, guest, data.owner, luggage) do
          :stays -> {:keep_state, data}
          {:left, moved} -> {:next_state, :moved, moved}
        end
    end
  end

  defp hand_on({:call, from}, request, moved),
    do: goes_on(Moved.handle_call(request, from, moved))

  defp hand_on(:cast, request, moved), do: goes_on(Moved.handle_cast(request, moved))

  # Of an event that had come in parts.
  defp hand_on(:info, {__MODULE__, kind, fields}, moved),
    do: hand_on(:info, {:"$rebeam", :info, kind, Codec.pack!(fields)}, moved)

  defp hand_on(:info, message, moved), do: message |> Moved.handle_info(moved) |> goes_on()
  defp hand_on(_entered_or_timer, _content, _moved), do: :keep_state_and_data

  defp goes_on({:noreply, moved}), do: {:keep_state, moved}
  defp goes_on({:exit, :normal, moved}), do: {:stop, :normal, %{moved | root?: false}}
  defp goes_on({:exit, reason, _moved}), do: Loop.end_as(reason)

  # ---- the end ----------------------------------------------------------------------

  @impl true
  def terminate(reason, :moved, moved), do: Moved.terminate(reason, moved)

  def terminate(reason, _state, data) do
    # Before anything that may take long: who waits is told even if this process is killed.
    Callers.tell(data, reason)
    Life.terminate(data, reason)
  end
end
