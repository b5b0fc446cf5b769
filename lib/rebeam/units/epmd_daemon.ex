defmodule Rebeam.Units.EpmdDaemon do
  @moduledoc false
  # OTP's port mapper daemon, by which nodes with a name find each other: one for all of a host.

  alias Rebeam.{Deadline, VM}

  # On a busy machine it listens long after the command that starts it has returned.
  @start_timeout 10_000
  @poll 10

  @doc "Returns once it answers: who asks before that is refused."
  @spec start :: :ok | {:error, String.t()}
  def start do
    epmd = Path.join(VM.bindir(), "epmd")

    if answers?(epmd) do
      :ok
    else
      System.cmd(epmd, ["-daemon"])
      await(epmd, Deadline.of(@start_timeout))
    end
  rescue
    error in ErlangError -> refused("does not run: #{error.original}")
  end

  # Its own command knows from the environment where it listens.
  defp answers?(epmd), do: match?({_, 0}, System.cmd(epmd, ["-names"], stderr_to_stdout: true))

  defp await(epmd, deadline) do
    cond do
      answers?(epmd) -> :ok
      Deadline.over?(deadline) -> refused("does not answer")
      true -> Process.sleep(@poll) && await(epmd, deadline)
    end
  end

  defp refused(why),
    do: {:error, "#{VM.bindir()}/epmd, by which nodes find each other, #{why}"}
end
