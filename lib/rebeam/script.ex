defmodule Rebeam.Script do
  @moduledoc false
  # One script: its body on Python's main thread, then the trees it made.
  #
  #   body --ended--> trees --all gone, or a signal--> shutdown --> status
  #
  # The process is the body's own: its `call`s go out from here.
  use GenServer

  alias Rebeam.{Log, Native, PythonError, Trees, Value, Wait}

  defstruct [:native, :reply_to, :wait, :report_to, body: :running, trees: []]

  @type result :: {:status, 0..255} | {:gave_up, String.t()}

  @doc """
  Runs a script. When it is over the caller gets `{:rebeam_script, pid, result, body}`; the
  body is `:running` if a signal ended the program before it was over.
  """
  @spec start_link(String.t(), String.t()) :: GenServer.on_start()
  def start_link(mode, path) do
    GenServer.start_link(__MODULE__, {mode, path, self()})
  end

  @doc "Shuts the trees down in order, last started first, and ends with `status`."
  @spec stop(pid, 0..255) :: :ok
  def stop(pid, status), do: GenServer.cast(pid, {:stop, status})

  @impl true
  def init({mode, path, report_to}) do
    Process.flag(:trap_exit, true)
    :ok = Native.python_script(mode, path)
    {:ok, %__MODULE__{report_to: report_to}}
  end

  @impl true
  def handle_cast({:stop, status}, state), do: finish(state, {:status, status})

  @impl true
  def handle_info({:"$rebeam", :script, native}, state),
    do: {:noreply, %{state | native: native, reply_to: native}}

  def handle_info({:"$rebeam", :suspend, sequence, operation}, state) do
    {:noreply, %{state | wait: Wait.start(state, sequence, operation)}}
  end

  def handle_info({:"$rebeam", :ended, packed, handles}, state) do
    {:ok, trees} = Value.unpack(packed)
    start_trees(trees, handles, %{state | body: :over})
  end

  def handle_info({:"$rebeam", word, status}, state) when word in [:exited, :signal] do
    finish(%{state | body: :over}, {:status, status})
  end

  def handle_info({:EXIT, pid, reason}, state) do
    if pid in state.trees, do: tree_ended(pid, reason, state), else: {:noreply, state}
  end

  def handle_info(message, state) do
    case Wait.handle(message, state) do
      :unknown -> {:noreply, state}
      wait -> {:noreply, %{state | wait: wait}}
    end
  end

  defp start_trees([], _handles, %{trees: []} = state), do: finish(state, {:status, 0})
  defp start_trees([], _handles, state), do: {:noreply, state}

  defp start_trees([tree | rest], handles, state) do
    case Trees.start_link(tree, handles) do
      {:ok, pid} ->
        start_trees(rest, handles, %{state | trees: [pid | state.trees]})

      {:error, reason} ->
        finish(
          state,
          {:gave_up, "the supervision tree did not start: " <> Trees.start_error(reason)}
        )
    end
  end

  defp tree_ended(pid, reason, state) do
    state = %{state | trees: List.delete(state.trees, pid)}

    cond do
      gave_up = Log.gave_up(pid) -> finish(state, {:gave_up, gave_up_text(gave_up)})
      reason not in [:normal, :shutdown] -> finish(state, {:gave_up, gave_up_text({"", reason})})
      state.trees == [] -> finish(state, {:status, 0})
      true -> {:noreply, state}
    end
  end

  defp gave_up_text({child, reason}) do
    "the supervision tree gave up: child #{child} failed too often\n" <>
      String.trim_trailing(PythonError.reason_text(reason))
  end

  # The newest tree first. Its own children go in reverse start order, as OTP does it.
  defp finish(state, result) do
    Enum.each(state.trees, &stop_tree/1)
    send(state.report_to, {:rebeam_script, self(), result, state.body})
    {:stop, :normal, %{state | trees: []}}
  end

  defp stop_tree(pid) do
    monitor = Process.monitor(pid)
    Process.exit(pid, :shutdown)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end
end
