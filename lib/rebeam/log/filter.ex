defmodule Rebeam.Log.Filter do
  @moduledoc false
  # What OTP reports: it is looked at, as supervisors say in it why they gave up, and dropped where
  # the crash has an entry of its own (log.ex) or is below the level.

  alias Rebeam.{Log, PythonError}
  alias Rebeam.Log.{Crash, Crashes, Intensity, Repeated}

  @last_errors __MODULE__

  @typedoc """
  What the floors above know of the processes that reports are about:

    * `:label` - what logs call the child that a start function starts, or nil
    * `:failed` - told, in the supervisor, of each child that failed: its process, what logs call it,
      how it is restarted
    * `:silent` - names of supervisors whose reports say nothing that is not said elsewhere
    * `:actors` - modules of processes that end with their supervisor, whatever it ended with: that is
      no failure of theirs
  """
  @type known :: %{
          label: ({module, atom, list} -> String.t() | nil),
          failed: (pid | term, String.t(), atom -> term),
          silent: [atom],
          actors: [module]
        }

  @doc "Installs the filter and the memory of why supervisors gave up."
  @spec install(known) :: :ok | {:error, term}
  def install(known) do
    if :ets.whereis(@last_errors) == :undefined do
      :ets.new(@last_errors, [:named_table, :public, :set])
    end

    :ok = Repeated.install()
    :ok = Intensity.install()
    :logger.remove_primary_filter(:rebeam)
    :logger.add_primary_filter(:rebeam, {&__MODULE__.filter/2, known})
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
  def filter(event, known) do
    observe(event, known)
    level = level()
    dropped? = said_already?(event, known) or :logger.compare_levels(event.level, level) == :lt
    if dropped?, do: :stop, else: finished(event)
  end

  defp finished(%{msg: {:report, %Crash{} = crash}} = event),
    do: %{event | msg: {:report, crash |> Crash.counted(event.meta.time) |> Repeated.shorten()}}

  defp finished(event), do: event

  defp observe(%{msg: {:report, %{label: {:supervisor, what}, report: report}}} = event, known) do
    if restarts?(what, report), do: Intensity.note(event.meta.time)
    if what == :child_terminated, do: terminated(report, known)
    remember(what, report, known)
  end

  defp observe(_event, _known), do: :ok

  defp terminated(report, known) do
    offender = report[:offender]
    {pid, label} = {offender[:pid], child_label(offender, known)}
    known.failed.(pid, label, offender[:restart_type])
    unless python?(report[:reason]), do: crashed(pid, label, report[:reason])
  end

  # What no code of Python's raised has no entry by now.
  defp crashed(pid, label, reason) when is_pid(pid),
    do: Crashes.note(pid, label, PythonError.reason_text(reason), "", nil)

  defp crashed(_pid, _label, _reason), do: :ok

  defp restarts?(what, report) do
    what in [:child_terminated, :start_error] and
      report[:offender][:restart_type] != :temporary
  end

  # Reports of OTP about a crash that has an entry of its own.
  defp said_already?(%{msg: {:report, %{label: {:supervisor, _}, report: report}}}, known) do
    python?(report[:reason]) or silent?(report[:supervisor], known)
  end

  defp said_already?(
         %{msg: {:report, %{label: {:gen_server, :terminate}, reason: reason} = report}} = event,
         known
       ) do
    python?(reason) or with_supervisor?(report, known) or Log.said?(event)
  end

  defp said_already?(%{msg: {:report, %{label: {:gen_statem, :terminate}, reason: reason}}}, _) do
    {_class, reason, _stack} = reason
    python?(reason)
  end

  defp said_already?(
         %{msg: {:report, %{label: {:proc_lib, :crash}, report: [info | _]}}} = event,
         _
       ) do
    case info[:error_info] do
      {_, reason, _} -> python?(reason) or Log.said?(event)
      _ -> false
    end
  end

  defp said_already?(_event, _known), do: false

  # In the process that ends.
  defp with_supervisor?(%{last_message: {:EXIT, supervisor, _}}, known) do
    elem(:proc_lib.translate_initial_call(self()), 0) in known.actors and
      supervisor in Process.get(:"$ancestors", [])
  end

  defp with_supervisor?(_report, _known), do: false

  defp silent?({:local, name}, known), do: name in known.silent
  defp silent?(_other, _known), do: false

  # {supervisor, child, its last reason, whether the supervisor gave up over it: true, false,
  # or :old for long ago}
  defp remember(:shutdown, report, known) do
    if report[:reason] == :reached_max_restart_intensity do
      {child, reason} = blame(report, known)
      :ets.insert_new(@last_errors, {self(), child, reason, true})
      :ets.update_element(@last_errors, self(), {4, true})
    end
  end

  defp remember(_what, report, known) do
    # One that gave up shuts its children down: what they say then is not why.
    unless gave_up(self()) do
      {child, reason} = blame(report, known)
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
  defp blame(report, known) do
    offender = report[:offender]
    label = child_label(offender, known)

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

  defp child_label(offender, known) do
    case {known.label.(offender[:mfargs]), offender[:id]} do
      {nil, id} when is_binary(id) -> id
      {nil, id} -> inspect(id)
      {label, _id} -> label
    end
  end

  # Reasons that have an entry of their own already.
  defp python?({%PythonError{}, _}), do: true
  defp python?({:system_exit, _}), do: true
  defp python?({:gave_up, _, _}), do: true
  defp python?({:error, reason}), do: python?(reason)
  defp python?({reason, stack}) when is_list(stack), do: python?(reason)
  defp python?(_), do: false
end
