defmodule Rebeam.CLI.Drain do
  @moduledoc false
  # `rebeam drain [NODE | PID] [--stop | --undo]`: the actors of a program move to the other nodes of its
  # cluster. It says what could not, and fails then.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Reach, Stop}
  alias Rebeam.Moves

  # Each waits for what its actor is at, and takes its state along.
  @timeout :timer.hours(1)

  @impl true
  def run(arguments) do
    {flags, rest} = Enum.split_with(arguments, &(&1 in ["--stop", "--undo"]))

    with true <- length(flags) < 2,
         {:ok, target, []} <- Reach.take(rest),
         {:ok, reached} <- Reach.open(target) do
      drain(reached, flags)
    else
      {:error, text} -> Complaint.say(text) && 1
      _ -> Complaint.say("drain takes a NODE or the id of a process, and --stop or --undo") && 2
    end
  end

  defp drain(reached, ["--undo"]) do
    case Reach.call(reached, Moves.Drain, :undo, []) do
      {:ok, _} -> 0
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  defp drain(reached, flags) do
    case Reach.call(reached, Moves.Drain, :run, [], @timeout) do
      {:ok, outcomes} -> outcomes |> say() |> then(&stop(reached, flags, &1))
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  defp say(outcomes) do
    moved = for {_, {:moved, node}} <- outcomes, do: node

    for {node, count} <- Enum.sort(Enum.frequencies(moved)),
        do: IO.puts("#{count} #{if count == 1, do: "actor", else: "actors"} moved to #{node}")

    stays = for {label, {:stays, why}} <- outcomes, do: {label, why}
    for {label, why} <- Enum.sort(stays), do: Complaint.say("#{label} stays: #{why}")
    if stays == [], do: 0, else: 1
  end

  # With something left there it goes on.
  defp stop(reached, ["--stop"], 0), do: Stop.end_program(reached)
  defp stop(_reached, _flags, status), do: status
end
