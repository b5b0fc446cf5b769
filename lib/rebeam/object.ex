defmodule Rebeam.Object do
  @moduledoc """
  A Python object that has no Elixir word: an instance of a class, a `Decimal`, a NaN.

  It can be kept, stored and sent; back in Python it is an equal object of the same
  class again. Only Python can look inside.

    * `:type` - the class, such as `"shop.Order"`
    * `:text` - for values that are a text at heart (`Decimal`, `nan`), that text; for a class or
      function (of type `"type"` or `"function"`) its name; otherwise empty
    * `:data` - the object as the codec packed it, with all that it refers to: leave it as it is.
      Large memory in it is shared with Python, so `Rebeam.Value.pack/1` refuses such an object;
      `:erlang.term_to_binary/1` makes a copy

          iex> %Rebeam.Object{type: "decimal.Decimal", text: "1.50", data: <<>>}
          #Rebeam.Object<decimal.Decimal 1.50>
  """

  @enforce_keys [:type, :data]
  defstruct [:type, :data, text: ""]

  @type t :: %__MODULE__{type: String.t(), text: String.t(), data: Rebeam.Value.payload()}

  defimpl Inspect do
    def inspect(%{type: type, text: ""}, _opts), do: "#Rebeam.Object<#{type}>"
    def inspect(%{type: type, text: text}, _opts), do: "#Rebeam.Object<#{type} #{text}>"
  end

  defimpl String.Chars do
    def to_string(%{type: type, text: ""}), do: "<#{type} object>"
    def to_string(%{text: text}), do: text
  end
end
