defmodule Rebeam.Units.OsProcess do
  @moduledoc false
  # What Linux tells of a process in /proc, and its end.

  # Fields of /proc/<pid>/stat behind the name, which may hold anything: proc(5).
  @state 0
  @start_time 19

  @doc "When a process was started; nil if there is none, or it only waits to be reaped."
  @spec birth(String.t()) :: String.t() | nil
  def birth(os_pid) do
    with {:ok, stat} <- File.read("/proc/#{os_pid}/stat"),
         fields = stat |> String.split(") ") |> List.last() |> String.split(" "),
         false <- Enum.at(fields, @state) in ["Z", "X"] do
      Enum.at(fields, @start_time)
    else
      _ -> nil
    end
  end

  @doc "How much memory this process has, in bytes, by its name in /proc/self/status."
  @spec memory(String.t()) :: non_neg_integer
  def memory(key) do
    [_, kib] = Regex.run(~r/^#{key}:\s+(\d+) kB/m, File.read!("/proc/self/status"))
    String.to_integer(kib) * 1024
  end

  @doc "Ends a process at once."
  @spec kill(non_neg_integer) :: term
  def kill(os_pid), do: System.cmd("sh", ["-c", "kill -9 #{os_pid}"], stderr_to_stdout: true)

  @doc "Stops a process where it is, or has it go on."
  @spec freeze(non_neg_integer, boolean) :: term
  def freeze(os_pid, frozen?) do
    signal = if frozen?, do: "STOP", else: "CONT"
    System.cmd("sh", ["-c", "kill -#{signal} #{os_pid}"], stderr_to_stdout: true)
  end
end
