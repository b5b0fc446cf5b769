defmodule Rebeam.Handover.Stdin do
  @moduledoc false
  # A VM reads its standard input ahead of any question for it. This gives the
  # bytes that it has read to its successor.

  alias Rebeam.Handover.Drain
  alias Rebeam.Loader

  # OTP 26 and later do not say how much they have read: silence means all.
  @quiet_ms 60
  # OTP 25 counts; this bounds the wait if somebody else took some of it.
  @counted_ms 2_000

  @doc "Detaches standard input from this VM."
  @spec detach :: :file | :pipe | :other
  def detach, do: Loader.detach_stdin()

  @doc "Puts back what this VM had read of the detached standard input."
  @spec attach(:file | :pipe | :other) :: :ok | {:error, String.t()}
  def attach(:other), do: :ok
  def attach(_file_or_pipe), do: :user |> Process.whereis() |> taken() |> Loader.attach_stdin()

  defp taken(nil), do: <<>>

  defp taken(device) do
    case input_port(device) do
      nil -> Drain.until_quiet(device, @quiet_ms)
      port -> Drain.counted(device, port |> Port.info(:input) |> elem(1), @counted_ms)
    end
  end

  defp input_port(device) do
    {:links, links} = Process.info(device, :links)
    Enum.find(links, &is_port/1)
  end
end
