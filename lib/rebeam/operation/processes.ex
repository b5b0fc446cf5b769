defmodule Rebeam.Operation.Processes do
  @moduledoc false
  # Processes themselves: python/rebeam/_processes.py.
  @behaviour Rebeam.Operation

  import Rebeam.Operation.Asker, only: [takes_signals: 1]

  alias Rebeam.{Names, Native, Nodes, Output}
  alias Rebeam.Actor.{Exits, Moved, Moving}
  alias Rebeam.Tasks.Spawned
  alias Rebeam.Value.Codec

  # OTP's own reasons; any other text is the reason as it is, and no new atom.
  @reasons %{"kill" => :kill, "normal" => :normal, "shutdown" => :shutdown}

  # What makes signals that have to arrive somewhere.
  @for_actors ["link", "unlink", "monitor", "demonitor", "trap", "spawn_link", "spawn_monitor"]

  @impl true
  def perform(verb, _, asker) when verb in @for_actors and not takes_signals(asker),
    do: {:error, "RuntimeError", nobody(verb)}

  def perform("self", [], asker), do: {:ok, asker.pid}

  def perform("label", _, %{kind: :thread}),
    do: {:error, "RuntimeError", "set_label labels a process: a thread has none of its own"}

  def perform("label", [text], _) do
    Process.put(:"$process_label", text)
    {:ok, nil}
  end

  def perform("alive", [target], _) do
    case find(target, :any) do
      {:ok, pid} when node(pid) == node() -> {:ok, Process.alive?(pid)}
      :none -> {:ok, false}
      {:error, text} -> {:error, "ValueError", text}
      found -> {:wait, fn -> {:ok, alive?(found)} end}
    end
  end

  def perform("link", [target], asker) do
    with_process(target, fn
      {:ok, pid} -> link(pid, asker)
      :none -> {:error, "ValueError", "link: no process is registered as #{show(target)}"}
    end)
  end

  def perform("unlink", [target], _) do
    with_process(target, fn
      {:ok, pid} ->
        Moved.undo(Moving.before(), :unlink, pid)
        Process.unlink(pid)
        {:ok, nil}

      :none ->
        {:ok, nil}
    end)
  end

  def perform("monitor", [target], _) do
    with_process(target, fn
      {:ok, pid} -> {:ok, watch(pid)}
      :none -> {:ok, monitor_nobody()}
    end)
  end

  # Nobody knows whose node a monitor is about: it may be any of those that the process monitors.
  def perform("demonitor", [monitor, flush], asker) do
    case monitored(Enum.filter(Node.list(:connected), &Nodes.busy?/1)) do
      nil -> demonitor(monitor, flush, asker)
      node -> {:later, fn -> when_free(node, fn -> demonitor(monitor, flush, asker) end) end}
    end
  end

  def perform("exit", [target, reason], asker) do
    with_process(target, fn
      {:ok, pid} -> exit_signal(pid, Map.get(@reasons, reason, reason), asker)
      :none -> {:ok, false}
    end)
  end

  def perform("trap", [wish], %{exits: exits}),
    do: {:ok, exits.traps?, Exits.trap(exits, wish)}

  def perform("spawn", [label], asker), do: do_spawn(label, asker, [])
  def perform("spawn_link", [label], asker), do: do_spawn(label, asker, [:link])
  def perform("spawn_monitor", [label], asker), do: do_spawn(label, asker, [:monitor])

  def perform("spawn_many", [label], asker) do
    origin = {Names.script([asker.pid | Process.get(:"$ancestors", [])]), Output.leader()}
    {:later, fn -> {:ok, Spawned.spawn_many(asker.handles, label, origin)} end}
  end

  defp do_spawn(label, %{handles: [handle]}, options),
    do: {:ok, Spawned.spawn(handle, label, options)}

  # ---- signals ------------------------------------------------------------------------

  # To a process that is gone OTP answers with an exit signal, or, where the caller traps none,
  # with an error that ends it. To Python both are the signal.
  defp link(pid, asker) do
    Process.link(pid)
    {:ok, nil}
  rescue
    ErlangError -> exit_signal(asker.pid, :noproc, asker)
  end

  # Python code does not go on behind an exit signal that ends its own process.
  defp exit_signal(pid, reason, asker) do
    last? = pid == asker.pid and takes_signals(asker) and Exits.ends_itself?(asker.exits)
    # A signal shall not be overtaken by what its sender does next (c_src/message/mailbox.h).
    detour? = node(pid) == node() and Native.mailbox_detour(pid)
    Process.exit(pid, reason)
    if detour?, do: send(pid, :"$rebeam_arrived")
    if last?, do: {:wait, fn -> await_end(pid) end}, else: {:ok, true}
  end

  defp await_end(pid) do
    monitor = Process.monitor(pid)

    receive do
      {:DOWN, ^monitor, _, _, _} -> {:ok, true}
    end
  end

  # The VM holds a monitor back until its process sends more or rests. But the answer goes past
  # the process to Python, and what that sends could come first: so the process rests.
  defp watch(pid) do
    monitor = Process.monitor(pid)
    :erlang.yield()
    monitor
  end

  # As Erlang does it for a name that is not registered.
  defp monitor_nobody do
    monitor = make_ref()
    send(self(), {:DOWN, monitor, :process, nil, :noproc})
    monitor
  end

  # One of these nodes of which the process monitors another one.
  defp monitored([]), do: nil

  defp monitored(nodes) do
    {:monitors, monitors} = Process.info(self(), :monitors)
    theirs = for {:process, pid} when is_pid(pid) <- monitors, do: node(pid)
    Enum.find(nodes, &(&1 in theirs))
  end

  defp demonitor(monitor, flush, asker) do
    found = Process.demonitor(monitor, [:info])
    if flush and not found, do: flush(monitor, asker)
    {:ok, found}
  rescue
    ArgumentError -> demonitor_elsewhere(monitor, Moving.before(), flush, asker)
  end

  defp demonitor_elsewhere(monitor, [], _flush, _asker),
    do: {:error, "ValueError", "demonitor: #{inspect(monitor)} is another process's"}

  # Of before the actor moved.
  defp demonitor_elsewhere(monitor, before, flush, asker) do
    Moved.undo(before, :demonitor, monitor)
    if flush, do: flush(monitor, asker)
    {:ok, true}
  end

  # In the mailbox, or on its way to the actor's handler.
  defp flush(monitor, asker) do
    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    after
      0 -> Native.actor_withdraw(asker.native, "down", Codec.beginning(monitor))
    end
  end

  # ---- targets ------------------------------------------------------------------------

  # What is to be done with a process: here, though another node may have to be asked for it.
  defp with_process(target, fun) do
    case find(target, :living) do
      {:ask, question} -> {:later, fn -> asked(Names.ask(question), fun) end}
      {:error, text} -> {:error, "ValueError", text}
      found -> if busy?(found), do: {:later, fn -> asked(found, fun) end}, else: fun.(found)
    end
  end

  defp asked({:ok, pid} = found, fun), do: when_free(node(pid), fn -> fun.(found) end)
  defp asked({:error, text}, _fun), do: {:error, "ValueError", text}
  defp asked(_nobody, fun), do: {:here, fn -> fun.(:none) end}

  # A signal to a node that takes none would stop the actor's process.
  defp when_free(node, fun) do
    if Nodes.await_free(node),
      do: {:here, fun},
      else: {:error, "TimeoutError", "the node #{node} takes no signals"}
  end

  defp busy?({:ok, pid}), do: Nodes.busy?(node(pid))
  defp busy?(:none), do: false

  defp find(target, certainty) when is_pid(target) or is_binary(target),
    do: Names.find(target, certainty)

  defp find(target, certainty) do
    with {:ok, packed} <- Codec.pack(target), do: Names.find({:packed, packed}, certainty)
  end

  # Whoever has the name is asked for once.
  defp alive?({:ask, question}), do: question |> Names.ask(Nodes.patience(), :any) |> alive?()
  defp alive?({:ok, pid}), do: Nodes.alive(pid, Nodes.patience()) == true
  defp alive?(_nobody), do: false

  defp show({_name, _node} = target), do: inspect(target)
  defp show(target) when is_binary(target), do: inspect(target)
  defp show(address), do: Names.text(address)

  defp nobody("trap"), do: nobody("trap_exit")

  defp nobody(verb) do
    "#{verb} works in actors and spawned functions: here is no process that takes signals"
  end
end
