defmodule Rebeam.Log do
  @moduledoc false
  # One log entry for each thing that went wrong in an actor, and the filter that
  # drops what OTP would say about the same crash again.
  require Logger

  alias Rebeam.{PythonError, Value}

  @cut 500
  @last_errors __MODULE__

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

  @doc false
  def filter(event, _) do
    observe(event)
    level = :persistent_term.get({__MODULE__, :level}, :all)
    dropped? = said_already?(event) or :logger.compare_levels(event.level, level) == :lt
    if dropped?, do: :stop, else: event
  end

  defp observe(%{msg: {:report, %{label: {:supervisor, what}, report: report}}}) do
    remember(what, report)
  end

  defp observe(_event), do: :ok

  # Reports of OTP about a crash that has an entry of its own.
  defp said_already?(%{msg: {:report, %{label: {:supervisor, _}, report: report}}}) do
    python?(report[:reason])
  end

  defp said_already?(%{msg: {:report, %{label: {:gen_server, :terminate}, reason: reason}}}) do
    python?(reason)
  end

  defp said_already?(%{msg: {:report, %{label: {:proc_lib, :crash}, report: [info | _]}}}) do
    case info[:error_info] do
      {_, reason, _} -> python?(reason)
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
    case offender[:mfargs] do
      {Rebeam.Actor, _, [_handle, options]} -> options[:label]
      _ -> if is_binary(offender[:id]), do: offender[:id], else: inspect(offender[:id])
    end
  end

  # Reasons that have an entry of their own already.
  defp python?({%PythonError{}, _}), do: true
  defp python?({:system_exit, _}), do: true
  defp python?({:error, reason}), do: python?(reason)
  defp python?({reason, stack}) when is_list(stack), do: python?(reason)
  defp python?(_), do: false

  @doc "A handler raised."
  def crash(label, current, traceback, python_state) do
    Logger.error([
      head(label, "crashed"),
      describe(current),
      "\n  state: ",
      cut(python_state),
      "\n",
      String.trim_trailing(traceback)
    ])
  end

  @doc "sys.exit with a status that says failure."
  def exited(label, current, code, text) do
    Logger.error([head(label, "ended with status #{code}"), describe(current), "\n", text])
  end

  @doc "A cast was answered with an error, and nobody hears it."
  def unheard(pid, subject, payload) do
    Logger.warning("cast #{inspect(subject)} to #{inspect(pid)} failed: #{show(payload)}")
  end

  @doc "A message that Python has no form for."
  def refused(label, message, text) do
    Logger.warning([head(label, "cannot take a message: "), text, " in ", cut(inspect(message))])
  end

  @doc "A cast to a function, such as the answer to a cast with its ProcessID as sender."
  def unwanted(label, subject) do
    Logger.warning("cast #{inspect(subject)} to #{label} is lost: a function takes no messages")
  end

  defp head(label, what), do: ["actor ", label, " ", inspect(self()), " ", what]

  defp describe({work, subject, payload}) when work in [:call, :cast] do
    [" in @receive(", inspect(subject), ")\n  message: ", show(payload)]
  end

  defp describe({:info, _, payload}), do: [" in @info\n  message: ", show(payload)]
  defp describe({:run, _, _}), do: ""
  defp describe({:construct, _, _}), do: " while it was made"
  defp describe({work, _, _}), do: [" in @", Atom.to_string(work)]

  defp show(payload) do
    case Value.unpack(payload) do
      {:ok, term} -> cut(inspect(term))
      {:error, text} -> text
    end
  end

  defp cut(text) do
    if String.length(text) > @cut, do: String.slice(text, 0, @cut) <> "...", else: text
  end
end
