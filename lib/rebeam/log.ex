defmodule Rebeam.Log do
  @moduledoc false
  # One log entry for each thing that went wrong in an actor, and the filter that
  # drops what OTP would say about the same crash again.
  require Logger

  alias Rebeam.{PythonError, Trees, Value}

  @cut 500
  @last_errors __MODULE__
  @machine_work ~w(initial enter call cast unsigned info state_timeout timeout event_timeout)

  @doc "Installs the filter and the memory of why supervisors gave up."
  def install do
    if :ets.whereis(@last_errors) == :undefined do
      :ets.new(@last_errors, [:named_table, :public, :set])
    end

    :logger.remove_primary_filter(:rebeam)
    :logger.add_primary_filter(:rebeam, {&__MODULE__.filter/2, nil})
  end

  @doc "Why `supervisor` gave up: the child's label and its last reason."
  @spec gave_up(pid) :: {String.t(), term} | nil
  def gave_up(supervisor) do
    case :ets.lookup(@last_errors, supervisor) do
      [{_, child, reason, gave_up}] when gave_up != false -> {child, reason}
      _ -> nil
    end
  end

  @doc """
  Logs from `level` on. Errors are looked at even when they are not logged: by what
  supervisors report, a tree that gave up is known.
  """
  @spec set_level(atom) :: :ok
  def set_level(level), do: :persistent_term.put({__MODULE__, :level}, level)

  @doc "The level that was set; `:all` if none was."
  @spec level() :: atom
  def level, do: :persistent_term.get({__MODULE__, :level}, :all)

  @doc false
  def filter(event, _) do
    observe(event)
    level = level()
    dropped? = said_already?(event) or :logger.compare_levels(event.level, level) == :lt
    if dropped?, do: :stop, else: event
  end

  defp observe(%{msg: {:report, %{label: {:supervisor, what}, report: report}}}) do
    remember(what, report)
  end

  defp observe(_event), do: :ok

  @doc """
  The end of the calling process is no failure of its own, or has its entry already: OTP's reports
  about it are dropped.
  """
  @spec said() :: :ok
  def said, do: :logger.update_process_metadata(%{__MODULE__ => :said})

  defp said?(event), do: is_map_key(event.meta, __MODULE__)

  # Reports of OTP about a crash that has an entry of its own.
  defp said_already?(%{msg: {:report, %{label: {:supervisor, _}, report: report}}}) do
    python?(report[:reason]) or report[:supervisor] == {:local, Rebeam.Tasks.Spawned}
  end

  defp said_already?(
         %{msg: {:report, %{label: {:gen_server, :terminate}, reason: reason}}} = event
       ) do
    python?(reason) or said?(event)
  end

  defp said_already?(%{msg: {:report, %{label: {:gen_statem, :terminate}, reason: reason}}}) do
    {_class, reason, _stack} = reason
    python?(reason)
  end

  defp said_already?(%{msg: {:report, %{label: {:proc_lib, :crash}, report: [info | _]}}} = event) do
    case info[:error_info] do
      {_, reason, _} -> python?(reason) or said?(event)
      _ -> false
    end
  end

  defp said_already?(_event), do: false

  # {supervisor, child, its last reason, whether the supervisor gave up over it: true, false,
  # or :old for long ago}
  defp remember(:shutdown, report) do
    if report[:reason] == :reached_max_restart_intensity do
      {child, reason} = blame(report)
      :ets.insert_new(@last_errors, {self(), child, reason, true})
      :ets.update_element(@last_errors, self(), {4, true})
    end
  end

  defp remember(_what, report) do
    # One that gave up shuts its children down: what they say then is not why.
    unless gave_up(self()) do
      {child, reason} = blame(report)
      known? = :ets.member(@last_errors, self())
      :ets.insert(@last_errors, {self(), child, reason, false})
      unless known?, do: forget(:ets.info(@last_errors, :size))
    end
  end

  # Supervisors come and go at run time. Why one gave up may be asked for right now: that
  # goes the second time.
  defp forget(size) when rem(size, 256) == 0 do
    for [pid, gave_up] <- :ets.match(@last_errors, {:"$1", :_, :_, :"$2"}),
        not Process.alive?(pid) do
      if gave_up == true,
        do: :ets.update_element(@last_errors, pid, {4, :old}),
        else: :ets.delete(@last_errors, pid)
    end
  end

  defp forget(_size), do: :ok

  # A supervisor that gave up is not to blame, but the child that it gave up over.
  defp blame(report) do
    offender = report[:offender]
    label = child_label(offender)

    case take(offender[:pid]) do
      {child, reason} -> {label <> "/" <> child, reason}
      nil -> {label, report[:reason]}
    end
  end

  defp take(pid) do
    found = gave_up(pid)
    if found, do: :ets.delete(@last_errors, pid)
    found
  end

  defp child_label(offender) do
    case Trees.options(offender[:mfargs]) do
      options when options != nil -> options[:label]
      nil -> if is_binary(offender[:id]), do: offender[:id], else: inspect(offender[:id])
    end
  end

  # Reasons that have an entry of their own already.
  defp python?({%PythonError{}, _}), do: true
  defp python?({:system_exit, _}), do: true
  defp python?({:gave_up, _, _}), do: true
  defp python?({:error, reason}), do: python?(reason)
  defp python?({reason, stack}) when is_list(stack), do: python?(reason)
  defp python?(_), do: false

  @doc "A handler raised."
  def crash(label, current, traceback, python_state) do
    Logger.error([
      head(label, "crashed"),
      describe(current),
      if(python_state == "", do: "", else: ["\n  state: ", cut(python_state)]),
      "\n",
      String.trim_trailing(traceback)
    ])
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
    script_error(path, "its supervision tree did not start", Rebeam.Trees.start_error(reason))
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
    ["actor ", Process.get(:"$process_label", label), " ", inspect(self()), " ", what]
  end

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
    case Value.unpack_message(payload) do
      {:ok, term} -> cut(inspect(term))
      {:error, text} -> text
    end
  end

  defp cut(text) do
    if String.length(text) > @cut, do: String.slice(text, 0, @cut) <> "...", else: text
  end
end
