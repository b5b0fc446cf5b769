defmodule Rebeam.Log.JSON do
  @moduledoc false
  # JSON as log entries need it (RFC 8259): objects of texts and numbers. OTP has it from 27 on.

  @doc "An object; what is no number is written as text."
  @spec object([{atom, term}]) :: iodata
  def object(fields) do
    [?{, fields |> Enum.map(&field/1) |> Enum.intersperse(?,), ?}]
  end

  defp field({key, value}), do: [text(Atom.to_string(key)), ?:, value(value)]

  defp value(number) when is_integer(number), do: Integer.to_string(number)
  defp value(number) when is_float(number), do: :erlang.float_to_binary(number, [:short])
  defp value(atom) when is_atom(atom), do: text(Atom.to_string(atom))
  defp value(chardata), do: text(chardata)

  @doc "A string."
  @spec text(IO.chardata()) :: iodata
  def text(chardata), do: [?", chardata |> valid() |> escape(), ?"]

  defp escape(text), do: for(<<character::utf8 <- text>>, into: "", do: escaped(character))

  defp escaped(?"), do: "\\\""
  defp escaped(?\\), do: "\\\\"
  defp escaped(?\n), do: "\\n"
  defp escaped(?\t), do: "\\t"

  defp escaped(character) when character < 32 or character == 127,
    do: "\\u" <> (character |> Integer.to_string(16) |> String.pad_leading(4, "0"))

  defp escaped(character), do: <<character::utf8>>

  # What is no Unicode becomes the character that stands for that.
  defp valid(chardata) do
    case :unicode.characters_to_binary(chardata) do
      text when is_binary(text) -> text
      {_, text, rest} -> text <> "\uFFFD" <> valid(without_first(rest))
    end
  end

  defp without_first(<<_, rest::binary>>), do: rest
  defp without_first([first | rest]) when is_binary(first), do: [without_first(first) | rest]
  defp without_first([first | rest]) when is_list(first), do: [without_first(first) | rest]
  defp without_first([_ | rest]), do: rest
  defp without_first(_), do: ""
end
