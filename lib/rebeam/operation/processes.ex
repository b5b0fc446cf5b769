defmodule Rebeam.Operation.Processes do
  @moduledoc false
  # Processes themselves: python/rebeam/_processes.py.
  @behaviour Rebeam.Operation

  import Rebeam.Operation.Asker, only: [takes_signals: 1]

  alias Rebeam.{Names, Native}
  alias Rebeam.Actor.Exits
  alias Rebeam.Tasks.Spawned
  alias Rebeam.Value.Codec

  # OTP's own reasons; any other text is the reason as it is, and no new atom.
  @reasons %{"kill" => :kill, "normal" => :normal, "shutdown" => :shutdown}

  # How long another node may take to say whether a process is alive, in milliseconds.
  @alive_timeout 5_000

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
    with {:ok, pid} <- resolve(target) do
      if node(pid) == node(),
        do: {:ok, Process.alive?(pid)},
        else: {:wait, fn -> {:ok, alive_there?(pid)} end}
    else
      :none -> {:ok, false}
      error -> error
    end
  end

  def perform("link", [target], asker) do
    case resolve(target) do
      {:ok, pid} -> link(pid, asker)
      :none -> {:error, "ValueError", "link: no process is registered as #{inspect(target)}"}
      error -> error
    end
  end

  def perform("unlink", [target], _) do
    with {:ok, pid} <- resolve(target) do
      Process.unlink(pid)
      {:ok, nil}
    else
      :none -> {:ok, nil}
      error -> error
    end
  end

  def perform("monitor", [target], _) do
    case resolve(target) do
      {:ok, pid} -> {:ok, watch(pid)}
      :none -> {:ok, monitor_nobody()}
      error -> error
    end
  end

  def perform("demonitor", [monitor, flush], asker) do
    found = Process.demonitor(monitor, [:info])
    if flush and not found, do: flush(monitor, asker)
    {:ok, found}
  rescue
    ArgumentError -> {:error, "ValueError", "demonitor: #{inspect(monitor)} is another process's"}
  end

  def perform("exit", [target, reason], asker) do
    with {:ok, pid} <- resolve(target) do
      exit_signal(pid, Map.get(@reasons, reason, reason), asker)
    else
      :none -> {:ok, false}
      error -> error
    end
  end

  def perform("trap", [wish], %{exits: exits}),
    do: {:ok, exits.traps?, Exits.trap(exits, wish)}

  def perform("spawn", [label], asker), do: do_spawn(label, asker, [])
  def perform("spawn_link", [label], asker), do: do_spawn(label, asker, [:link])
  def perform("spawn_monitor", [label], asker), do: do_spawn(label, asker, [:monitor])

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
    Process.exit(pid, reason)
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

  # In the mailbox, or on its way to the actor's handler.
  defp flush(monitor, asker) do
    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    after
      0 -> Native.actor_withdraw(asker.native, "down", beginning(monitor))
    end
  end

  # How the fields of a Down begin: what two of them with the same monitor have in common.
  defp beginning(monitor) do
    {:ok, one} = Codec.pack({monitor, nil, ""})
    {:ok, other} = Codec.pack({monitor, 0, ""})
    binary_part(one, 0, :binary.longest_common_prefix([one, other]))
  end

  # ---- targets ------------------------------------------------------------------------

  defp resolve(target) when is_pid(target) or is_binary(target), do: Names.resolve(target)

  defp resolve(target) do
    with {:ok, packed} <- Codec.pack(target),
         {:error, text} <- Names.resolve({:packed, packed}),
         do: {:error, "TypeError", text}
  end

  defp alive_there?(pid) do
    :erpc.call(node(pid), :erlang, :is_process_alive, [pid], @alive_timeout)
  catch
    _, _ -> false
  end

  defp nobody("trap"), do: nobody("trap_exit")

  defp nobody(verb) do
    "#{verb} works in actors and spawned functions: here is no process that takes signals"
  end
end
