defmodule Rebeam.Deadline do
  @moduledoc false
  # When a time is over that several waits have together.

  @typedoc "In monotonic milliseconds; nil: never."
  @type t :: integer | nil

  @doc "So many milliseconds from now on; nil and `:infinity`: never."
  @spec of(timeout | nil) :: t
  def of(forever) when forever in [nil, :infinity], do: nil
  def of(milliseconds), do: now() + milliseconds

  @doc "How long that is from now on."
  @spec left(t) :: timeout
  def left(nil), do: :infinity
  def left(deadline), do: max(deadline - now(), 0)

  @spec over?(t) :: boolean
  def over?(deadline), do: left(deadline) == 0

  defp now, do: System.monotonic_time(:millisecond)
end
