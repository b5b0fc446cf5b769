defmodule MODULE do
  @moduledoc """
  Counts, in Python.
  """

  @doc "Adds to the counter, and says where it is: `{:ok, integer}`, or why not."
  def add(number), do: Rebeam.call("counter", "add", number)
end
