defmodule Rebeam.Log.Repeated do
  @moduledoc false
  # A child that crashes again as it did has its traceback in the log once, and then a line each.
  # What the log has shown, the last word of a program need not repeat.

  alias Rebeam.Log.Crash
  alias Rebeam.PythonError

  # After so long a crash is told whole again, in milliseconds.
  @news 60_000
  # Whose crashes are remembered: then all are forgotten.
  @most 1_000

  @doc "Before the first crash, in the node that has the log."
  @spec install :: :ok
  def install do
    if :ets.whereis(__MODULE__) == :undefined,
      do: :ets.new(__MODULE__, [:named_table, :public, :set])

    :ok
  end

  @doc "In a unit, whose log is another node's: that one sees what is repeated."
  @spec relayed :: :ok
  def relayed do
    if :ets.whereis(__MODULE__) != :undefined, do: :ets.delete(__MODULE__)
    :ok
  end

  @doc "A crash as it is to be logged: one that comes again, of who is started again, says so."
  @spec shorten(Crash.t()) :: Crash.t()
  def shorten(crash) do
    repeated? =
      :ets.whereis(__MODULE__) != :undefined and
        not news?(restarted(crash), digest(Crash.way(crash)), digest(crash.traceback))

    %{crash | again?: repeated?}
  end

  defp restarted(%{supervisor: %{restart: restart, pid: pid}} = crash) when restart != :temporary,
    do: {pid, crash.actor}

  defp restarted(_crash), do: nil

  defp news?(who, way, traceback) do
    now = System.monotonic_time(:millisecond)

    case :ets.lookup(__MODULE__, who) do
      [{_, ^way, told}] when now - told < @news ->
        false

      _ ->
        if :ets.info(__MODULE__, :size) > @most, do: :ets.delete_all_objects(__MODULE__)
        if who != nil, do: :ets.insert(__MODULE__, {who, way, now})
        :ets.insert(__MODULE__, {traceback})
        true
    end
  end

  # Addresses of objects differ from one time to the next.
  defp digest(text) do
    text |> IO.iodata_to_binary() |> String.replace(~r/ at 0x[0-9a-f]+/, "") |> :erlang.md5()
  end

  @doc "The reason, of whose traceback only the end is left if the log has shown it."
  @spec without_shown(term) :: term
  def without_shown({%PythonError{} = error, stack}) do
    if :ets.whereis(__MODULE__) != :undefined and
         :ets.member(__MODULE__, digest(error.traceback)),
       do: {%{error | traceback: last_line(error)}, stack},
       else: {error, stack}
  end

  def without_shown({:shutdown, reason}), do: {:shutdown, without_shown(reason)}
  def without_shown({:gave_up, child, reason}), do: {:gave_up, child, without_shown(reason)}

  def without_shown({:failed_to_start_child, id, reason}),
    do: {:failed_to_start_child, id, without_shown(reason)}

  def without_shown(reason), do: reason

  defp last_line(%{type: type, message: ""}), do: type
  defp last_line(%{type: type, message: text}), do: type <> ": " <> hd(String.split(text, "\n"))
end
