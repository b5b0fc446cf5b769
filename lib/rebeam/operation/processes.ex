defmodule Rebeam.Operation.Processes do
  @moduledoc false
  # Processes themselves: python/rebeam/_processes.py.
  @behaviour Rebeam.Operation

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
  def perform(verb, arguments, handles) do
    if verb in @for_actors and Exits.kind() not in [:actor, :run],
      do: {:error, "RuntimeError", nobody(verb)},
      else: do_perform(verb, arguments, handles)
  end

  defp do_perform("self", [], _), do: {:ok, self()}

  defp do_perform("label", [text], _) do
    if Exits.kind() do
      Process.put(:"$process_label", text)
      {:ok, nil}
    else
      {:error, "RuntimeError", "set_label labels a process: a thread has none of its own"}
    end
  end

  defp do_perform("alive", [target], _) do
    with {:ok, pid} <- resolve(target) do
      if node(pid) == node(),
        do: {:ok, Process.alive?(pid)},
        else: {:later, fn -> {:ok, alive_there?(pid)} end}
    else
      :none -> {:ok, false}
      error -> error
    end
  end

  defp do_perform("link", [target], _) do
    case resolve(target) do
      {:ok, pid} -> link(pid)
      :none -> {:error, "ValueError", "link: no process is registered as #{inspect(target)}"}
      error -> error
    end
  end

  defp do_perform("unlink", [target], _) do
    with {:ok, pid} <- resolve(target) do
      Process.unlink(pid)
      {:ok, nil}
    else
      :none -> {:ok, nil}
      error -> error
    end
  end

  defp do_perform("monitor", [target], _) do
    case resolve(target) do
      {:ok, pid} -> {:ok, watch(pid)}
      :none -> {:ok, monitor_nobody()}
      error -> error
    end
  end

  defp do_perform("demonitor", [monitor, flush], _) do
    found = Process.demonitor(monitor, [:info])
    if flush and not found, do: flush(monitor)
    {:ok, found}
  rescue
    ArgumentError -> {:error, "ValueError", "demonitor: #{inspect(monitor)} is another process's"}
  end

  defp do_perform("exit", [target, reason], _) do
    with {:ok, pid} <- resolve(target) do
      exit_signal(pid, Map.get(@reasons, reason, reason))
    else
      :none -> {:ok, false}
      error -> error
    end
  end

  defp do_perform("trap", [flag], _), do: {:ok, Exits.trap(flag)}
  defp do_perform("spawn", [label], [handle]), do: {:ok, Spawned.spawn(handle, label, [])}

  defp do_perform("spawn_link", [label], [handle]),
    do: {:ok, Spawned.spawn(handle, label, [:link])}

  defp do_perform("spawn_monitor", [label], [handle]),
    do: {:ok, Spawned.spawn(handle, label, [:monitor])}

  # ---- signals ------------------------------------------------------------------------

  # To a process that is gone OTP answers with an exit signal, or, where the caller traps none,
  # with an error that ends it. To Python both are the signal.
  defp link(pid) do
    Process.link(pid)
    {:ok, nil}
  rescue
    ErlangError -> exit_signal(self(), :noproc)
  end

  # Python code does not go on behind an exit signal that ends its own process.
  defp exit_signal(pid, reason) do
    last? = pid == self() and Exits.ends_itself?()
    Process.exit(pid, reason)
    if last?, do: {:later, fn -> await_end(pid) end}, else: {:ok, true}
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
  defp flush(monitor) do
    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    after
      0 -> Native.actor_withdraw(Exits.native(), "down", beginning(monitor))
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
