defmodule Rebeam.CLI.Handover.UserPort do
  @moduledoc false
  # Standard input up to OTP 25: a port, which counts what it has read, and sends
  # it to the process `user`, which keeps it as bytes until somebody asks.

  # Only if somebody else has asked before is less there than was counted.
  @patience_ms 2_000

  @doc "The port of the device, if it has one."
  @spec of(pid) :: port | nil
  def of(device) do
    {:links, links} = Process.info(device, :links)
    Enum.find(links, &is_port/1)
  end

  @doc "What `taken/1` needs. Called before standard input is detached."
  @spec watch(pid) :: pid
  def watch(device), do: device

  @doc "All that was read. Called when no more can come."
  @spec taken(pid) :: binary
  def taken(device) do
    {:input, count} = device |> of() |> Port.info(:input)
    if count == 0, do: <<>>, else: ask(device, count)
  end

  # In a process of its own, because a question to an idle device has no end.
  defp ask(device, count) do
    :io.setopts(device, binary: true, encoding: :latin1)
    question = Task.async(fn -> IO.binread(device, count) end)

    case Task.yield(question, @patience_ms) || Task.shutdown(question, :brutal_kill) do
      {:ok, bytes} when is_binary(bytes) -> bytes
      _ -> <<>>
    end
  end
end
