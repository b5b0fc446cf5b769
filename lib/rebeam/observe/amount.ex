defmodule Rebeam.Observe.Amount do
  @moduledoc false
  # Numbers as people read them, short enough for a column.

  @doc "An id as Python shows it."
  @spec pid(pid | nil) :: String.t()
  def pid(nil), do: "-"
  def pid(pid), do: List.to_string(:erlang.pid_to_list(pid))

  @doc "Of 0 to 1, or more where several cores do it."
  @spec percent(number) :: String.t()
  def percent(part), do: "#{round(part * 100)}%"

  @spec count(integer) :: String.t()
  def count(number) when number < 10_000, do: Integer.to_string(number)
  def count(number), do: scaled(number, 1000, ["", "k", "M", "G", "T"])

  @spec bytes(integer) :: String.t()
  def bytes(number), do: scaled(number, 1024, [" B", "K", "M", "G", "T"])

  @spec rate(number) :: String.t()
  def rate(number) when number > 0 and number < 9.95, do: decimal(number)
  def rate(number), do: number |> round() |> count()

  @doc "Of seconds."
  @spec duration(number) :: String.t()
  def duration(seconds) when seconds < 0.0995, do: decimal(seconds * 1000) <> " ms"
  def duration(seconds) when seconds < 99.5, do: decimal(seconds) <> " s"
  def duration(seconds) when seconds < 5970, do: "#{round(seconds / 60)} min"
  def duration(seconds) when seconds < 48 * 3600, do: "#{round(seconds / 3600)} h"
  def duration(seconds), do: "#{round(seconds / 86_400)} d"

  @doc "A moment of the system's time, in microseconds, as the local time of day."
  @spec clock(integer) :: String.t()
  def clock(microseconds) do
    {_, {hour, minute, second}} = :calendar.system_time_to_local_time(microseconds, :microsecond)
    List.to_string(:io_lib.format("~2..0b:~2..0b:~2..0b", [hour, minute, second]))
  end

  defp scaled(number, base, [unit | units]) do
    if number < 999.5 or units == [],
      do: if(is_integer(number), do: "#{number}", else: decimal(number)) <> unit,
      else: scaled(number / base, base, units)
  end

  defp decimal(number) when number < 9.95, do: :erlang.float_to_binary(number * 1.0, decimals: 1)
  defp decimal(number), do: "#{round(number)}"
end
