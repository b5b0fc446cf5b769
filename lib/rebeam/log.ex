defmodule Rebeam.Log do
  @moduledoc false
  # One log entry for each thing that went wrong in an actor. What OTP would say about the same
  # again, filter.ex drops.
  require Logger

  alias Rebeam.Log.Repeated
  alias Rebeam.PythonError
  alias Rebeam.Value.Codec

  @cut 500
  @machine_work ~w(initial enter call cast unsigned info state_timeout timeout event_timeout)

  @doc """
  The end of the calling process is no failure of its own, or has its entry already: OTP's reports
  about it are dropped.
  """
  @spec said() :: :ok
  def said, do: :logger.update_process_metadata(%{__MODULE__ => :said})

  @doc "Whether that was said where the event comes from."
  @spec said?(:logger.log_event()) :: boolean
  def said?(event), do: is_map_key(event.meta, __MODULE__)

  @doc "A handler raised."
  def crash(label, current, traceback, python_state, supervisor) do
    head = head(label, "crashed")
    state = if python_state == "", do: "", else: ["\n  state: ", cut(python_state)]

    way = [
      describe(current),
      state,
      supervisor(supervisor),
      "\n",
      String.trim_trailing(traceback)
    ]

    again = [head, " again in the same way"]
    metadata = Repeated.crash(restarted(label, supervisor), again, way, traceback)
    Logger.error([head | way], [actor: own_label(label), subject: subject(current)] ++ metadata)
  end

  defp restarted(label, {supervisor, restart}) when restart != :temporary,
    do: {IO.iodata_to_binary(supervisor), label}

  defp restarted(_label, _supervisor), do: nil

  # What its supervisor does, unless that gives up over it.
  defp supervisor(nil), do: ""

  defp supervisor({supervisor, restart}) do
    does = if restart == :temporary, do: "does not start it again", else: "starts it again"
    ["\n  supervisor: ", supervisor, " ", does, " (", Atom.to_string(restart), ")"]
  end

  defp subject({work, subject, _}) when work in [:call, :cast],
    do: if(String.starts_with?(subject, <<0>>), do: nil, else: subject)

  defp subject(_), do: nil

  @doc "Code of the calling actor has had a thread for so many seconds, without waiting for others."
  def stuck(seconds, current, stack) do
    head = head("", "holds a thread for #{seconds} s now")
    Logger.warning([head, describe(current), "\n", "Stack (most recent call last):\n", stack])
  end

  @doc "The actor ends, as the caller of what it works on asked for; its code goes on."
  def interrupted(label, text), do: Logger.error([head(label, "was interrupted\n"), text])

  @doc "sys.exit with a status that says failure."
  def exited(label, current, code, text) do
    Logger.error([head(label, "ended with status #{code}"), describe(current), "\n", text])
  end

  @doc "A script that is a child of an Elixir supervisor: how it failed, if it did."
  def script(path, {:raised, error}), do: script_error(path, "raised", error.traceback)

  def script(path, {:status, code, text}),
    do: script_error(path, "ended with status #{code}", text)

  def script(path, {:status, code}) when code != 0, do: script(path, {:status, code, ""})

  def script(path, {:gave_up, _, _} = reason) do
    script_error(path, "its supervision tree gave up", PythonError.reason_text(reason))
  end

  def script(path, {:not_started, reason}) do
    script_error(path, "its supervision tree did not start", PythonError.start_error(reason))
  end

  def script(_path, _orderly), do: :ok

  defp script_error(path, what, text) do
    Logger.error(["script ", path, ": ", what, "\n", String.trim_trailing(text)])
  end

  @doc "A cast, or an event of a state machine, came to an error that nobody hears."
  def unheard(pid, {kind, state, subject}, payload) do
    event = if kind == "unsigned", do: "cast #{inspect(subject)}", else: timeout(kind, subject)
    where = "#{event} to #{inspect(pid)} in state #{inspect(state)}"
    Logger.warning("#{where} failed: #{show(payload)}")
  end

  def unheard(pid, subject, payload) do
    Logger.warning("cast #{inspect(subject)} to #{inspect(pid)} failed: #{show(payload)}")
  end

  @doc "Casts that a bounded mailbox had no place for."
  def overloaded(label, count) do
    Logger.warning([
      head(label, "is overloaded: "),
      "#{count} cast#{if count > 1, do: "s"} dropped, as its mailbox_limit is reached"
    ])
  end

  @doc "A message that Python has no form for."
  def refused(label, message, text) do
    Logger.warning([head(label, "cannot take a message: "), text, " in ", cut(inspect(message))])
  end

  @doc "Debug mode: calls that wait for each other, as (label or \"\", pid, subject of its call)."
  @spec cycle([{String.t(), pid, String.t()}]) :: :ok
  def cycle([{label, pid, _} | _] = steps) do
    chain =
      Enum.map(steps, fn {label, pid, subject} ->
        [name(label, pid), " ", inspect(subject), " -> "]
      end)

    first = if label == "", do: name(label, pid), else: label
    Logger.warning(["call cycle: ", chain, first])
  end

  defp name("", pid), do: List.to_string(:erlang.pid_to_list(pid))
  defp name(label, pid), do: label <> " " <> name("", pid)

  @doc "A cast to a function, such as the answer to a cast with its ProcessID as sender."
  def unwanted(label, subject) do
    Logger.warning("cast #{inspect(subject)} to #{label} is lost: a function takes no messages")
  end

  # Its own label where it has set one (rebeam.set_label).
  defp head(label, what) do
    ["actor ", own_label(label), " ", inspect(self()), " ", what]
  end

  defp own_label(label), do: Process.get(:"$process_label", label)

  defp describe({work, subject, payload}) when work in [:call, :cast] do
    message = ["\n  message: ", show(payload)]

    # Of a state machine: see StateMachine.Step.
    case String.split(subject, <<0>>, parts: 4) do
      ["", kind, state, subject] when kind in @machine_work ->
        machine_event(kind, inspect(state), subject, message)

      _ ->
        [" in @receive(", inspect(subject), ")", message]
    end
  end

  defp describe({:info, _, payload}), do: [" in @info\n  message: ", show(payload)]
  defp describe({:run, _, _}), do: ""
  defp describe({:construct, _, _}), do: " at its start"
  defp describe({:continue, _, _}), do: " in @start(continues=True)"
  defp describe({work, _, _}), do: [" in @", Atom.to_string(work)]

  defp machine_event("initial", _, _, _), do: " at its start"
  defp machine_event("enter", state, _, _), do: [" in @enter(", state, ")"]
  defp machine_event("info", state, _, message), do: [" in @info, state ", state, message]

  defp machine_event(kind, state, subject, message) when kind in ["call", "cast", "unsigned"] do
    [" in @event(", inspect(subject), ", state=", state, ")", message]
  end

  defp machine_event(kind, state, subject, _message) do
    [" in @timeout, ", timeout(kind, subject), ", state ", state]
  end

  defp timeout("timeout", name), do: "timeout #{inspect(name)}"
  defp timeout("state_timeout", _), do: "state timeout"
  defp timeout("event_timeout", _), do: "event timeout"
  defp timeout("info", _), do: "message"

  defp show(payload) do
    case Codec.unpack_message(payload) do
      {:ok, term} -> cut(inspect(term))
      {:error, text} -> text
    end
  end

  defp cut(text) do
    if String.length(text) > @cut, do: String.slice(text, 0, @cut) <> "...", else: text
  end
end
