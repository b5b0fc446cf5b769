defmodule Rebeam.CLI.Stop do
  @moduledoc false
  # `rebeam stop [NODE | PID]`: ends a program as SIGTERM does, waits for it, and says with which
  # status it ended.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Reach, Usage}
  alias Rebeam.CLI.Stop.Program

  @impl true
  def run(arguments) do
    with {:ok, target, []} <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target) do
      end_program(reached)
    else
      {:ok, _, _} -> Complaint.say("stop takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  @doc "Ends a program that this VM is connected to. The status of the command."
  @spec end_program(Reach.reached()) :: 0..255
  def end_program(reached) do
    with true = Node.monitor(reached.node, true),
         {:ok, true} <- Reach.call(reached, Program, :ask, [self()]) do
      await(reached, nil)
    else
      {:ok, false} -> Complaint.say("its node is no program that #{command()} runs") && 1
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  defp command, do: Usage.command()

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
end
