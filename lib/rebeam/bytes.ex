defmodule Rebeam.Bytes do
  @moduledoc """
  Python's `bytes`, told apart from its `str`.

  A binary that Elixir sends arrives in Python as `str` if it is UTF-8, and as
  `bytes` if it is not. Wrap it to have it arrive as `bytes` whatever it holds:

      iex> %Rebeam.Bytes{data: "abc"}
      #Rebeam.Bytes<"abc">

  Python's `bytes` always arrive wrapped.
  """

  @enforce_keys [:data]
  defstruct [:data]

  @type t :: %__MODULE__{data: binary()}

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(%{data: data}, opts) do
      concat(["#Rebeam.Bytes<", to_doc(data, opts), ">"])
    end
  end
end
