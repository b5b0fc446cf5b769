defmodule Rebeam.Log do
  @moduledoc false
  # One log entry for each thing that went wrong in an actor. What OTP would say about the same
  # again, filter.ex drops.
  require Logger

  alias Rebeam.Log.{Crash, Work}
  alias Rebeam.PythonError
  alias Rebeam.Value.{Codec, Repr}

  @doc """
  The end of the calling process is no failure of its own, or has its entry already: OTP's reports
  about it are dropped.
  """
  @spec said() :: :ok
  def said, do: :logger.update_process_metadata(%{__MODULE__ => :said})

  @doc "Whether that was said where the event comes from."
  @spec said?(:logger.log_event()) :: boolean
  def said?(event), do: is_map_key(event.meta, __MODULE__)

  @doc "A handler of the calling actor raised; what is not known here is filled in."
  @spec crash(Crash.t()) :: :ok
  def crash(crash) do
    actor = own_label(crash.actor)
    metadata = %{actor: actor, subject: Work.subject(crash.work), report_cb: &Crash.format/1}
    :logger.log(:error, %{crash | actor: actor}, metadata)
  end

  @doc "Code of the calling actor has had a thread for so many seconds, without waiting for others."
  def stuck(seconds, current, stack) do
    head = head("", "holds a thread for #{seconds} s now")
    Logger.warning([head, describe(current), "\nStack (most recent call last):\n", stack])
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
    event =
      if kind == "unsigned", do: "cast #{inspect(subject)}", else: Work.timeout(kind, subject)

    where = "#{event} to #{pid(pid)} in state #{inspect(state)}"
    Logger.warning("#{where} failed: #{show(payload)}")
  end

  def unheard(pid, subject, payload) do
    Logger.warning("cast #{inspect(subject)} to #{pid(pid)} failed: #{show(payload)}")
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
    Logger.warning([head(label, "cannot take a message: "), text, " in ", Repr.repr(message)])
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

  defp name("", pid), do: pid(pid)
  defp name(label, pid), do: label <> " " <> name("", pid)

  @doc "A cast to a function, such as the answer to a cast with its ProcessID as sender."
  def unwanted(label, subject) do
    Logger.warning("cast #{inspect(subject)} to #{label} is lost: a function takes no messages")
  end

  # Its own label where it has set one (rebeam.set_label).
  defp head(label, what) do
    ["actor ", own_label(label), " ", pid(self()), " ", what]
  end

  defp pid(pid), do: List.to_string(:erlang.pid_to_list(pid))

  defp own_label(label), do: Process.get(:"$process_label", label)

  defp describe(work) do
    message = Work.message(work)
    [Work.where(work), if(message, do: ["\n  message: ", show(message)], else: "")]
  end

  defp show(payload) do
    case Codec.unpack_message(payload) do
      {:ok, term} -> Repr.repr(term)
      {:error, text} -> text
    end
  end
end
