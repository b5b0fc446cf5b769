defmodule Rebeam.Script do
  @moduledoc false
  # One script: its body on Python's main thread, then the trees it made.
  #
  #   body --ended--> trees --all gone, or a signal--> shutdown --> status
  #
  # The process is the body's own: its `call`s go out from here.
  use GenServer

  alias Rebeam.{Branches, Exits, Host, Log, Native, PythonError, Starter, Trees, Value, Wait}

  defstruct [
    :native,
    :reply_to,
    :wait,
    :report_to,
    :starting,
    body: :running,
    trees: [],
    branches: %{}
  ]

  # How long a tree that is still starting gets to end, in milliseconds.
  @start_limit 5_000

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
    Exits.start(:script)
    Process.flag(:trap_exit, true)
    :ok = Native.python_script(mode, path)
    {:ok, %__MODULE__{report_to: report_to}}
  end

  @impl true
  def handle_cast({:stop, status}, state), do: finish(state, {:status, status})

  # The script's body takes no messages.
  def handle_cast({:rebeam, subject, _, _, _}, state) do
    Log.unwanted("the script", subject)
    {:noreply, state}
  end

  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_call({:rebeam, _subject, _payload}, _from, state) do
    {:ok, text} = Value.pack("the script is a function: it takes no messages")
    {:reply, {:error, text}, state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

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

  def handle_info({:"$rebeam", alias, result}, %{starting: %{alias: alias} = starting} = state) do
    case result do
      {:ok, _supervisor} ->
        start_trees(starting.rest, starting.handles, state)

      {:error, reason} ->
        text = "the supervision tree did not start: " <> Trees.start_error(reason)
        finish(%{state | trees: List.delete(state.trees, starting.host)}, {:gave_up, text})
    end
  end

  def handle_info({:EXIT, pid, reason}, state) do
    if pid in state.trees, do: tree_ended(pid, reason, state), else: {:noreply, state}
  end

  def handle_info(message, state) do
    with :unknown <- Branches.handle(message, state),
         :unknown <- Wait.handle(message, state) do
      {:noreply, state}
    else
      %__MODULE__{} = state -> {:noreply, state}
      wait -> {:noreply, %{state | wait: wait}}
    end
  end

  # One after the other, each in a host, so that a signal finds this process free.
  defp start_trees([], _handles, %{trees: []} = state), do: finish(state, {:status, 0})
  defp start_trees([], _handles, state), do: {:noreply, %{state | starting: nil}}

  defp start_trees([tree | rest], handles, state) do
    {alias, _} = starter = Starter.new(:every)
    {:ok, host} = Host.start_link(tree, handles, starter)
    starting = %{host: host, alias: alias, rest: rest, handles: handles}
    {:noreply, %{state | trees: [host | state.trees], starting: starting}}
  end

  defp tree_ended(host, reason, state) do
    state = %{state | trees: List.delete(state.trees, host)}

    case reason do
      {:shutdown, {:gave_up, child}} -> finish(state, {:gave_up, gave_up_text(child)})
      reason when reason in [:normal, :shutdown] -> tree_done(state)
      reason -> finish(state, {:gave_up, gave_up_text({"", reason})})
    end
  end

  defp tree_done(%{trees: [], starting: nil} = state), do: finish(state, {:status, 0})
  defp tree_done(state), do: {:noreply, state}

  defp gave_up_text({child, reason}) do
    "the supervision tree gave up: child #{child} failed too often\n" <>
      String.trim_trailing(PythonError.reason_text(reason))
  end

  # The newest tree first. Its own children go in reverse start order, as OTP does it.
  defp finish(state, result) do
    Enum.each(state.trees, &stop_tree(&1, state.starting))
    send(state.report_to, {:rebeam_script, self(), result, state.body})
    {:stop, :normal, %{state | trees: []}}
  end

  # One that runs ends within its children's shutdown times; one that still starts may never.
  defp stop_tree(host, starting) do
    monitor = Process.monitor(host)
    Process.exit(host, :shutdown)
    limit = if starting && starting.host == host, do: @start_limit, else: :infinity

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    after
      limit -> Process.exit(host, :kill)
    end
  end
end
