defmodule Rebeam.CLI.Eval do
  @moduledoc false
  # `rebeam eval [NODE | PID] CODE`: runs Python code in a program, and prints what it prints, and the
  # value of what it ends with.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Reach}
  alias Rebeam.CLI.Remote.Session

  @impl true
  def run(arguments) do
    with {:ok, target, [code]} <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target),
         {:ok, {:ok, session}} <- Reach.call(reached, Session, :open, [self()]) do
      Process.monitor(session)
      send(session, {:run, "code", code})
      await(session)
    else
      {:ok, {:error, text}} -> Complaint.say(text) && 1
      {:ok, _, _} -> Complaint.say("eval takes code: rebeam eval [NODE | PID] CODE") && 2
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  defp await(session) do
    receive do
      {^session, {:write, device, text}} ->
        IO.write(device, text)
        send(session, :written)
        await(session)

      {^session, {:ran, result}} ->
        status(result)

      {:DOWN, _, :process, ^session, _} ->
        Complaint.say("the program is gone")
        1
    end
  end

  defp status(:ok), do: 0
  defp status(:raised), do: 1
  defp status({:exit, status}), do: status
  defp status({:lost, text}), do: Complaint.say(text) && 1
end
