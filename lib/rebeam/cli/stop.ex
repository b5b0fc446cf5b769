defmodule Rebeam.CLI.Stop do
  @moduledoc false
  # `rebeam stop [NODE | PID]`: ends a program as SIGTERM does, waits for it, and says with which
  # status it ended.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Reach, Runner}

  # That a status was heard may take so long on its way, in milliseconds.
  @heard_limit 500

  @impl true
  def run(arguments) do
    with {:ok, target, []} <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target),
         true = Node.monitor(reached.node, true),
         {:ok, true} <- Reach.call(reached, __MODULE__, :ask, [self()]) do
      await(reached, nil)
    else
      {:ok, false} -> Complaint.say("its node is no program that #{command()} runs") && 1
      {:ok, _, _} -> Complaint.say("stop takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  defp command, do: Rebeam.CLI.Usage.command()

  defp await(%{node: node} = reached, status) do
    receive do
      {:ended, runner, status} ->
        send(runner, {:heard, self()})
        await(reached, status)

      {:nodedown, ^node} when status == nil ->
        Complaint.say("it is gone, and did not say with which status it ended")
        1

      {:nodedown, ^node} ->
        IO.puts("ended with status #{status}")
        0
    end
  end

  # ---- in the program ----------------------------------------------------------------------

  @doc "Has this program end, and tell that process. False if nobody here runs one."
  @spec ask(pid) :: boolean
  def ask(from) do
    with runner when is_pid(runner) <- Process.whereis(Runner) do
      send(runner, {:tell_end, from})
      # The script's own handler of the signal, if it has one, is to hear of it.
      spawn(fn -> :os.cmd(~c"kill -TERM #{System.pid()}") end)
      true
    else
      nil -> false
    end
  end

  @doc "In the process that runs it, which has got what `ask/1` sent: tells who waits for its end."
  @spec tell(0..255) :: :ok
  def tell(status) do
    receive do
      {:tell_end, from} ->
        monitor = Process.monitor(from)
        send(from, {:ended, self(), status})

        receive do
          {:heard, ^from} -> tell(status)
          {:DOWN, ^monitor, _, _, _} -> tell(status)
        after
          @heard_limit -> tell(status)
        end
    after
      0 -> :ok
    end
  end
end
