defmodule Rebeam.Program.Script do
  @moduledoc false
  # One script: its body on Python's main thread, then the trees it made.
  #
  #   body --ended--> trees --all gone, or a signal--> shutdown --> status
  #
  # The process is the body's own: its `call`s go out from here. It runs the script of the
  # command line, and reports how that ended; or it is a child in a tree of Elixir's, which
  # has started when its body is over and its trees are started, and ends with a reason.
  use GenServer

  alias Rebeam.{Log, Names, Native, Output, PythonError}
  alias Rebeam.Actor.{Exits, Owner, Raised}
  alias Rebeam.Child.Starter
  alias Rebeam.Log.Repeated
  alias Rebeam.Message.{Loans, Payload}
  alias Rebeam.Trees.{Host, Processes}
  alias Rebeam.Value.Codec
  alias Rebeam.VM.{Logging, Service}

  # `owner` gets its native actor from the body's thread; `trees` are hosts, the newest first;
  # `supervisors` what they host, by host. `began?`: there was a tree; `left?`: all has ended.
  defstruct [:report_to, :label, :starting] ++
              [owner: %Owner{kind: :script}, body: :running, trees: [], supervisors: %{}] ++
              [began?: false, left?: false, waiting: []]

  # How long what is still starting gets when its tree is to end, in milliseconds.
  @start_limit 5_000
  # How long the body gets that is to end, in milliseconds; code that swallows the exception gets more
  # of them in that time.
  @body_limit 5_000
  # How long the trees of a script that was killed get, before another takes its place.
  @orphans_limit 60_000

  @type result :: {:status, 0..255} | {:gave_up, String.t()}

  @doc """
  Runs a script. When it is over the caller gets `{:rebeam_script, pid, result, body}`; the
  body is `:running` if a signal ended the program before it was over. `argv` becomes sys.argv;
  nil leaves it as it is.
  """
  @spec start_link(String.t(), String.t(), [String.t()] | nil) :: GenServer.on_start()
  def start_link(mode, path, argv \\ nil) do
    GenServer.start_link(__MODULE__, {:program, mode, path, argv, self()})
  end

  @typedoc """
  A script as a child: `how` says whether who starts it waits for its body and trees; these may take
  `timeout` milliseconds.
  """
  @type child :: %{
          path: String.t(),
          arguments: [String.t()],
          timeout: timeout,
          how: :sync | :async
        }

  @doc "Runs a script by `GenServer.start_link/3`, or its like, with these options."
  @spec start_child((module, term, GenServer.options() -> GenServer.on_start()), child, list) ::
          GenServer.on_start()
  def start_child(start, child, options), do: start.(__MODULE__, {:child, child}, options)

  @doc """
  Waits until the body is over and its trees run. Exits with what the script ended with, if it did before.
  """
  @spec await(pid) :: :ok
  def await(pid), do: GenServer.call(pid, awaiting(), :infinity)

  @doc false
  # For who asks without waiting.
  def awaiting, do: {__MODULE__, :await}

  @doc "Shuts the trees down in order, last started first, and ends with `status`."
  @spec stop(pid, 0..255) :: :ok
  def stop(pid, status), do: GenServer.cast(pid, {:stop, status})

  @impl true
  def init({:program, mode, path, argv, report_to}) do
    Process.flag(:trap_exit, true)
    label(if mode in ["script", "module"], do: path, else: mode)
    :ok = Native.python_script(mode, path, pack(argv), false, Output.number())
    {:ok, %__MODULE__{report_to: report_to}}
  end

  def init({:child, child}) do
    Process.flag(:trap_exit, true)
    label(child.path)
    Names.register_script()

    if child.timeout != :infinity,
      do: Process.send_after(self(), {__MODULE__, :too_long}, child.timeout)

    case child.how do
      :sync -> child |> begin() |> drive()
      :async -> {:ok, %__MODULE__{label: child.path}, {:continue, {:begin, child}}}
    end
  end

  defp begin(child) do
    Host.await_orphans(@orphans_limit)
    argv = pack([child.path | child.arguments])
    :ok = Native.python_script("script", child.path, argv, true, Output.number())
    %__MODULE__{label: child.path}
  end

  # What logs call who its body is.
  defp label(path), do: Process.put(:"$process_label", Path.basename(path))

  defp pack(argv), do: argv && Codec.pack!(argv)

  # Until the body is over and its trees run. What is not the start's stays in the mailbox.
  defp drive(%{body: :over, starting: nil} = state), do: {:ok, state}

  defp drive(state) do
    receive do
      {__MODULE__, :too_long} ->
        driven(finish(state, {:shutdown, :timeout}))

      {:EXIT, pid, reason} ->
        driven(exit_of(pid, reason, state))

      # Of GenServer.stop, which wants that reason.
      {:system, from, {:terminate, reason}} ->
        GenServer.reply(from, :ok)
        finish(state, {:shutdown, reason})
        :proc_lib.init_ack({:error, :stopped})
        exit(reason)

      message when elem(message, 0) in [:"$rebeam", :timeout, Starter] ->
        driven(handle_info(message, state))

      {:DOWN, _, :process, _, _} = down ->
        driven(handle_info(down, state))

      {[:"$rebeam" | _], _} = reply ->
        driven(handle_info(reply, state))
    end
  end

  defp driven({:noreply, state}), do: drive(state)
  defp driven({:noreply, state, {:continue, :collect}}), do: driven(Payload.collect(state))
  # Nothing is left to supervise, as with a body that only defines things, or sys.exit(0).
  defp driven({:stop, :normal, _state}), do: :ignore

  # It is told by its answer, and need not trap exits for that.
  defp driven({:stop, reason, _state}) do
    if parent = Exits.parent(), do: Process.unlink(parent)
    {:stop, reason}
  end

  # gen_server would do this for the parent, once it runs.
  defp exit_of(pid, reason, state) do
    if pid == Exits.parent(),
      do: finish(state, {:shutdown, reason}),
      else: handle_info({:EXIT, pid, reason}, state)
  end

  # What tools ask of a supervisor.
  @impl true
  def handle_call(:which_children, _from, state) do
    children =
      for host <- state.trees, do: {host, state.supervisors[host], :supervisor, [:supervisor]}

    {:reply, children, state}
  end

  def handle_call(:count_children, _from, state) do
    count = length(state.trees)
    {:reply, [specs: count, active: count, supervisors: count, workers: 0], state}
  end

  def handle_call({__MODULE__, :await}, _from, %{body: :over, starting: nil} = state),
    do: {:reply, :ok, state}

  def handle_call({__MODULE__, :await}, from, state),
    do: {:noreply, %{state | waiting: [from | state.waiting]}}

  def handle_call({:rebeam, _subject, payload}, _from, state) do
    Loans.drop(payload)
    {:ok, text} = Codec.pack("the script is a function: it takes no messages")
    {:reply, {:error, text}, state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:stop, status}, state), do: finish(state, {:status, status})

  # The script's body takes no messages.
  def handle_cast({:rebeam, subject, payload, _, _}, state) do
    Loans.drop(payload)
    Log.unwanted("the script", subject)
    {:noreply, state}
  end

  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_continue(:collect, state), do: Payload.collect(state)
  def handle_continue({:begin, child}, _state), do: {:noreply, begin(child)}

  @impl true
  def handle_info({__MODULE__, :too_long}, state) do
    if state.body == :running or state.starting != nil,
      do: finish(state, {:shutdown, :timeout}),
      else: {:noreply, state}
  end

  def handle_info({Starter, alias, _, result}, %{starting: %{alias: alias} = starting} = state) do
    case result do
      {:ok, supervisor} ->
        supervisors = Map.put(state.supervisors, starting.host, supervisor)
        start_trees(starting.rest, starting.handles, %{state | supervisors: supervisors})

      {:error, reason} ->
        trees = List.delete(state.trees, starting.host)
        finish(%{state | trees: trees}, {:not_started, reason})
    end
  end

  def handle_info({:EXIT, pid, reason}, state) do
    if pid in state.trees, do: tree_ended(pid, reason, state), else: {:noreply, state}
  end

  def handle_info(message, state) do
    case Owner.read(message, state.owner) do
      {word, owner, brought} when word in [:heard, :suspended] ->
        Payload.handed_on(brought, %{state | owner: owner})

      {:over, :ended, {trees, handles}} ->
        start_trees(trees, handles, %{state | body: :over})

      {:over, word, status} when word in [:exited, :signal] ->
        finish(%{state | body: :over}, {:status, status})

      {:raised, raised} ->
        finish(%{state | body: :over}, raised(raised))

      _late ->
        {:noreply, state}
    end
  end

  # One after the other, each in a host, so that a signal finds this process free.
  defp start_trees([], _handles, %{trees: []} = state), do: finish(state, {:status, 0})

  defp start_trees([], _handles, state) do
    if state.report_to, do: Service.ready()
    for from <- state.waiting, do: GenServer.reply(from, :ok)
    {:noreply, %{state | starting: nil, waiting: []}}
  end

  defp start_trees([tree | rest], handles, state) do
    {alias, _, _} = starter = Starter.new(:every)
    {:ok, host} = Host.start_link(tree, handles, starter)
    starting = %{host: host, alias: alias, rest: rest, handles: handles}
    {:noreply, %{state | trees: [host | state.trees], starting: starting, began?: true}}
  end

  defp tree_ended(host, reason, state) do
    supervisors = Map.delete(state.supervisors, host)
    state = %{state | trees: List.delete(state.trees, host), supervisors: supervisors}

    case reason do
      {:shutdown, {:gave_up, {child, reason}}} -> finish(state, {:gave_up, child, reason})
      reason when reason in [:normal, :shutdown] -> tree_done(state)
      reason -> finish(state, {:gave_up, "", reason})
    end
  end

  defp tree_done(%{trees: [], starting: nil} = state), do: finish(state, {:status, 0})
  defp tree_done(state), do: {:noreply, state}

  defp raised(%Raised{code: 0}), do: {:status, 0}
  defp raised(%Raised{code: nil, error: error}), do: {:raised, error}
  defp raised(%Raised{code: code, error: error}), do: {:status, code, error.message}

  # After its time nothing that is still starting gets any more.
  defp finish(state, result) do
    limit = if result == {:shutdown, :timeout}, do: 0, else: @start_limit
    state = leave(state, result, limit)

    if state.report_to do
      send(state.report_to, {:rebeam_script, self(), report(result), state.body})
      {:stop, :normal, state}
    else
      Log.script(state.label, result)
      {:stop, reason(result), state}
    end
  end

  # For the command line.
  defp report({:status, _} = status), do: status

  defp report({:not_started, reason}) do
    text = PythonError.start_error(unsaid(reason))
    {:gave_up, "the supervision tree did not start: " <> String.trim_trailing(text)}
  end

  defp report({:gave_up, _, _} = reason) do
    {:gave_up, "the supervision tree gave up: " <> PythonError.reason_text(unsaid(reason))}
  end

  # The command's last word is where the log goes, as a rule.
  defp unsaid(reason),
    do: if(Logging.on_standard_error?(), do: Repeated.without_shown(reason), else: reason)

  # For the supervisor. What it starts again is what it would of any child that ends so.
  defp reason({:status, 0}), do: :normal
  defp reason({:status, code}), do: {:system_exit, code}
  defp reason({:status, code, _text}), do: {:system_exit, code}
  defp reason({:raised, error}), do: {error, []}
  defp reason({:not_started, reason}), do: reason
  defp reason({:shutdown, reason}), do: reason
  defp reason({:gave_up, _child, _reason} = gave_up), do: gave_up

  @impl true
  def terminate(_reason, %{left?: true}), do: :ok
  def terminate(reason, state), do: leave(state, {:shutdown, reason}, @start_limit)

  # What the body and the actors started outside of the trees ends with these: not after a body
  # that did nothing else.
  defp leave(state, result, start_limit) do
    state = state |> end_body() |> stop_trees(start_limit)
    alone? = state.report_to != nil or (result == {:status, 0} and not state.began?)

    unless alone? do
      # What has been spawned, and is not there yet, sees that and ends.
      Names.leave_script()
      Processes.stop_all(self())
    end

    Output.flush()
    %{state | left?: true}
  end

  # The body of the command's script is ended with the program. One that has not begun does not.
  defp end_body(%{body: :running, report_to: nil, owner: %{native: native}} = state)
       when native != nil do
    Native.actor_kill(native)
    timer = :erlang.start_timer(@body_limit, self(), :body)
    await_body(%{state | body: :over}, timer)
  end

  defp end_body(state), do: state

  # What its `finally` blocks ask for is done by others, as if this process was gone.
  defp await_body(state, timer) do
    receive do
      {:timeout, ^timer, :body} ->
        state

      told when elem(told, 0) == :"$rebeam" ->
        case Owner.read(told, state.owner) do
          over when elem(over, 0) in [:over, :raised] -> :erlang.cancel_timer(timer) && state
          _ -> await_body(state, timer)
        end
    end
  end

  # The newest tree first. Its own children go in reverse start order, as OTP does it.
  defp stop_trees(state, start_limit) do
    Enum.each(state.trees, &stop_tree(&1, start_limit))
    %{state | trees: [], supervisors: %{}}
  end

  defp stop_tree(host, start_limit) do
    monitor = Process.monitor(host)
    Process.exit(host, :shutdown)
    await_tree(monitor, host, start_limit)
  end

  # One that runs ends within its children's shutdown times; what starts in it may never.
  defp await_tree(monitor, host, start_limit) do
    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    after
      start_limit ->
        Host.cut_starts(host)
        await_tree(monitor, host, @start_limit)
    end
  end
end
