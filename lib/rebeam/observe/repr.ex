defmodule Rebeam.Observe.Repr do
  @moduledoc false
  # A term as Python's repr() would show what it stands for there; cut where it is long or deep.

  alias Rebeam.{Buffer, Bytes, Object, Packed}
  alias Rebeam.Value.Codec

  @items 8
  @levels 4
  @longest 200

  @doc "A message that is still packed; nil is none."
  @spec message(Packed.t() | {:large, non_neg_integer} | nil) :: String.t()
  def message(nil), do: ""
  def message({:large, 0}), do: "<large>"
  def message({:large, size}), do: "<#{size} bytes>"

  def message(%Packed{payload: payload}) do
    case Codec.unpack_message(payload) do
      {:ok, term} -> text(term)
      {:error, text} -> "<#{text}>"
    end
  end

  @doc "The text, of 200 characters at most."
  @spec text(term) :: String.t()
  def text(term) do
    text = show(term, 0)

    if String.length(text) > @longest,
      do: String.slice(text, 0, @longest - 3) <> "...",
      else: text
  end

  defp show(nil, _), do: "None"
  defp show(true, _), do: "True"
  defp show(false, _), do: "False"
  defp show(number, _) when is_integer(number), do: integer(number)
  defp show(number, _) when is_float(number), do: float(number)

  defp show(text, _) when is_binary(text),
    do: if(String.valid?(text), do: quoted(text), else: bytes(text))

  defp show(%Bytes{data: data}, _), do: bytes(data)
  defp show(%Object{} = object, _), do: object(object)
  defp show(%Buffer{} = buffer, _), do: "<#{buffer.type} #{buffer.dtype} #{shape(buffer.shape)}>"
  defp show(%MapSet{} = set, level), do: set |> MapSet.to_list() |> set(level)

  defp show(%module{} = time, _) when module in [Date, Time, NaiveDateTime, DateTime],
    do: "<#{time}>"

  defp show(list, level) when is_list(list), do: items(list, "[", "]", level)
  defp show({one}, level), do: "(" <> show(one, level + 1) <> ",)"

  defp show(tuple, level) when is_tuple(tuple),
    do: tuple |> Tuple.to_list() |> items("(", ")", level)

  defp show(map, level) when is_map(map), do: dict(map, level)
  defp show(atom, _) when is_atom(atom), do: "Atom(#{quoted(Atom.to_string(atom))})"
  defp show(pid, _) when is_pid(pid), do: List.to_string(:erlang.pid_to_list(pid))
  defp show(other, _), do: "<#{inspect(other)}>"

  # What has many digits takes long to show.
  defp integer(number) when abs(number) < 1.0e100, do: Integer.to_string(number)
  defp integer(_number), do: "<int of more than 100 digits>"

  # Python writes exponents with a sign and two digits, and large numbers up to 1e16 without one.
  defp float(number) do
    if number == trunc_safe(number) and abs(number) < 1.0e16,
      do: "#{trunc(number)}.0",
      else:
        number
        |> Float.to_string()
        |> String.replace(~r/e-(\d)$/, "e-0\\1")
        |> String.replace(".0e", "e")
        |> String.replace(~r/e(\d)/, "e+\\1")
  end

  defp trunc_safe(number), do: if(abs(number) < 1.0e16, do: trunc(number) * 1.0, else: nil)

  defp object(%Object{type: type, text: ""}), do: "<#{type} object>"
  defp object(%Object{type: "float", text: text}), do: text
  defp object(%Object{type: type, text: text}), do: "<#{type} #{text}>"

  defp shape(shape), do: shape |> Tuple.to_list() |> Enum.join("x")

  defp items(list, open, close, level) do
    cond do
      list == [] -> open <> close
      level >= @levels -> open <> "..." <> close
      true -> open <> joined(list, level) <> close
    end
  end

  # The end of an improper list is no item of Python's.
  defp joined(list, level) do
    shown = list |> first(@items) |> Enum.map(&show(&1, level + 1))
    more = if longer?(list, @items), do: ["..."], else: []
    Enum.join(shown ++ more, ", ")
  end

  defp first([head | tail], count) when count > 0, do: [head | first(tail, count - 1)]
  defp first(_end, _count), do: []

  defp longer?([_ | tail], count) when count > 0, do: longer?(tail, count - 1)
  defp longer?(rest, _count), do: rest != []

  defp set([], _level), do: "set()"
  defp set(list, level), do: items(list, "{", "}", level)

  defp dict(map, _level) when map == %{}, do: "{}"
  defp dict(_map, level) when level >= @levels, do: "{...}"

  defp dict(map, level) do
    shown =
      for {key, value} <- Enum.take(map, @items),
          do: show(key, level + 1) <> ": " <> show(value, level + 1)

    more = if map_size(map) > @items, do: ["..."], else: []
    "{" <> Enum.join(shown ++ more, ", ") <> "}"
  end

  # ---- texts -------------------------------------------------------------------------------

  # With the quotation marks that Python chooses.
  defp quoted(text) do
    mark =
      if String.contains?(text, "'") and not String.contains?(text, "\""), do: "\"", else: "'"

    shown =
      for <<point::utf8 <- String.slice(text, 0, @longest)>>, into: "", do: escaped(point, mark)

    mark <> shown <> mark
  end

  defp escaped(?\\, _), do: "\\\\"
  defp escaped(?\n, _), do: "\\n"
  defp escaped(?\r, _), do: "\\r"
  defp escaped(?\t, _), do: "\\t"
  defp escaped(point, mark) when <<point::utf8>> == mark, do: "\\" <> mark
  defp escaped(point, _) when point < 32 or point in 127..160, do: "\\x" <> hex(point)
  defp escaped(point, _), do: <<point::utf8>>

  defp bytes(data) do
    shown =
      for <<byte <- binary_part(data, 0, min(byte_size(data), @longest))>>,
        into: "",
        do: byte(byte)

    "b'" <> shown <> "'"
  end

  defp byte(byte) when byte < 127, do: escaped(byte, "'")
  defp byte(byte), do: "\\x" <> hex(byte)

  defp hex(byte),
    do: byte |> Integer.to_string(16) |> String.downcase() |> String.pad_leading(2, "0")
end
