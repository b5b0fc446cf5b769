defmodule Rebeam.CLI.Status do
  @moduledoc false
  # `rebeam status [NODE | PID]`: the program in a few lines.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Reach}

  @impl true
  def run(arguments) do
    with {:ok, target, []} <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target),
         {:ok, rows} <- Reach.call(reached, __MODULE__, :rows, []) do
      for {name, text} <- rows, do: IO.puts("#{String.pad_trailing(name, 12)} #{text}")
      0
    else
      {:ok, _, _} -> Complaint.say("status takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  @doc "In the program."
  @spec rows :: [{String.t(), String.t()}]
  def rows, do: [{"process", System.pid()}, {"node", "#{node()}"}]
end
