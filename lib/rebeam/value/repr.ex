defmodule Rebeam.Value.Repr do
  @moduledoc false
  # Terms as Python's `repr` shows the values that they are there, made without Python: for logs, and
  # for who looks at messages while nobody can be asked. What is long is cut.

  alias Rebeam.{Buffer, Bytes, Object}

  @cut 500

  @doc "At most about `most` characters; what was left out is `...`."
  @spec repr(term, pos_integer) :: String.t()
  def repr(term, most \\ @cut) do
    {text, _left} = show(term, most)
    IO.iodata_to_binary(text)
  end

  # Each returns what it shows, and how many characters are left.
  defp show(_term, left) when left <= 0, do: {"...", left}
  defp show(nil, left), do: plain("None", left)
  defp show(true, left), do: plain("True", left)
  defp show(false, left), do: plain("False", left)
  defp show(atom, left) when is_atom(atom), do: within("Atom(", Atom.to_string(atom), left)
  defp show(integer, left) when is_integer(integer), do: plain(integer(integer), left)
  defp show(float, left) when is_float(float), do: plain(float(float), left)
  defp show(pid, left) when is_pid(pid), do: plain(:erlang.pid_to_list(pid), left)
  defp show(ref, left) when is_reference(ref), do: plain(:erlang.ref_to_list(ref), left)
  defp show({}, left), do: plain("()", left)
  defp show({one}, left), do: around("(", [one], ",)", &show/2, left)
  defp show(tuple, left) when is_tuple(tuple), do: around("(", Tuple.to_list(tuple), ")", left)
  defp show(binary, left) when is_binary(binary), do: text(binary, left)
  defp show(%Bytes{data: data}, left), do: bytes(data, left)
  defp show(%Object{} = object, left), do: plain(object(object), left)
  defp show(%Buffer{} = buffer, left), do: plain(buffer(buffer), left)
  defp show(%MapSet{} = set, left), do: set(MapSet.to_list(set), left)
  defp show(%Date{} = date, left), do: called("datetime.date", date_parts(date), left)
  defp show(%Time{} = time, left), do: called("datetime.time", time_parts(time), left)

  defp show(%module{} = moment, left) when module in [NaiveDateTime, DateTime] do
    called("datetime.datetime", date_parts(moment) ++ time_parts(moment) ++ zone(moment), left)
  end

  defp show(%{} = map, left) do
    map = if is_struct(map), do: Map.from_struct(map), else: map
    around("{", Enum.to_list(map), "}", &pair/2, left)
  end

  defp show(list, left) when is_list(list) do
    if List.improper?(list), do: opaque(list, left), else: around("[", list, "]", left)
  end

  defp show(other, left), do: opaque(other, left)

  defp plain(text, left), do: {text, left - IO.iodata_length(text)}

  defp within(before, text, left) do
    {text, left} = text(text, left - String.length(before) - 1)
    {[before, text, ")"], left}
  end

  defp opaque(term, left),
    do: plain(["<", inspect(term, limit: 10, printable_limit: left), ">"], left)

  # ---- containers --------------------------------------------------------------------------

  defp around(open, items, close, left), do: around(open, items, close, &show/2, left)

  defp around(open, items, close, show, left) do
    {shown, left} = items(items, show, left - 2, [])
    {[open, Enum.intersperse(shown, ", "), close], left}
  end

  defp items([], _show, left, shown), do: {Enum.reverse(shown), left}
  defp items(_items, _show, left, shown) when left <= 0, do: {Enum.reverse(["..." | shown]), left}

  defp items([item | items], show, left, shown) do
    {text, left} = show.(item, left)
    items(items, show, left - 2, [text | shown])
  end

  defp pair({key, value}, left) do
    {key, left} = show(key, left)
    {value, left} = show(value, left - 2)
    {[key, ": ", value], left}
  end

  defp set([], left), do: plain("set()", left)
  defp set(elements, left), do: around("{", elements, "}", left)

  # ---- texts -------------------------------------------------------------------------------

  defp text(binary, left) do
    if String.valid?(binary), do: quoted(binary, "", left), else: bytes(binary, left)
  end

  defp quoted(text, prefix, left) do
    start = String.slice(text, 0, max(left, 0))
    quote = if start =~ "'" and not (start =~ "\""), do: ?", else: ?'
    shown = for <<character::utf8 <- start>>, do: escaped(character, quote)
    rest = if byte_size(start) < byte_size(text), do: "...", else: ""
    plain([prefix, quote, shown, rest, quote], left)
  end

  defp escaped(quote, quote), do: [?\\, quote]
  defp escaped(?\\, _), do: "\\\\"
  defp escaped(?\n, _), do: "\\n"
  defp escaped(?\r, _), do: "\\r"
  defp escaped(?\t, _), do: "\\t"
  defp escaped(character, _) when character in 0x20..0x7E, do: character
  defp escaped(character, _) when character < 0xA1, do: hex("\\x", character, 2)

  defp escaped(character, _) do
    text = <<character::utf8>>

    cond do
      not (text =~ ~r/[\p{C}\p{Z}]/u) -> text
      character < 0x10000 -> hex("\\u", character, 4)
      true -> hex("\\U", character, 8)
    end
  end

  defp hex(prefix, number, digits) do
    [
      prefix,
      number |> Integer.to_string(16) |> String.downcase() |> String.pad_leading(digits, "0")
    ]
  end

  defp bytes(data, left) do
    start = binary_part(data, 0, min(byte_size(data), max(left, 0)))
    quote = if start =~ "'" and not (start =~ "\""), do: ?", else: ?'
    shown = for <<byte <- start>>, do: byte(byte, quote)
    rest = if byte_size(start) < byte_size(data), do: "...", else: ""
    plain(["b", quote, shown, rest, quote], left)
  end

  defp byte(byte, _quote) when byte > 0x7E, do: hex("\\x", byte, 2)
  defp byte(byte, quote), do: escaped(byte, quote)

  # ---- numbers -----------------------------------------------------------------------------

  # Python itself refuses to write larger ones as text (sys.set_int_max_str_digits).
  @longest 1_750

  defp integer(integer) when integer > -0x10000000000000000 and integer < 0x10000000000000000,
    do: Integer.to_string(integer)

  defp integer(integer) do
    bytes = integer |> abs() |> :binary.encode_unsigned() |> byte_size()
    if bytes < @longest, do: Integer.to_string(integer), else: "<int of #{bytes} bytes>"
  end

  # The shortest digits that are that number, laid out as Python does: with an exponent below 1e-4
  # and from 1e16 on.
  defp float(float) do
    {sign, short} =
      case :erlang.float_to_binary(float, [:short]) do
        "-" <> short -> {"-", short}
        short -> {"", short}
      end

    {digits, power} = digits(short)
    [sign, layout(digits, power)]
  end

  # Without the point, and the power of ten of the first of them.
  defp digits(short) do
    {number, power} = mantissa(String.split(short, "e"))
    [whole, fraction] = String.split(number, ".")
    digits = String.trim_leading(whole <> fraction, "0")
    leading = byte_size(whole <> fraction) - byte_size(digits)

    case String.trim_trailing(digits, "0") do
      "" -> {"0", 0}
      digits -> {digits, power + byte_size(whole) - leading - 1}
    end
  end

  defp mantissa([number]), do: {number, 0}
  defp mantissa([number, power]), do: {number, String.to_integer(power)}

  defp layout(digits, power) when power in -4..-1,
    do: ["0.", String.duplicate("0", -power - 1), digits]

  defp layout(digits, power) when power in 0..15 do
    {whole, fraction} =
      digits |> String.pad_trailing(power + 1, "0") |> String.split_at(power + 1)

    [whole, ".", if(fraction == "", do: "0", else: fraction)]
  end

  defp layout(<<first, rest::binary>>, power) do
    sign = if power < 0, do: "-", else: "+"
    power = power |> abs() |> Integer.to_string() |> String.pad_leading(2, "0")
    [first, if(rest == "", do: "", else: ["." | rest]), "e", sign, power]
  end

  # ---- dates, times, and what only Python knows --------------------------------------------

  defp called(name, arguments, left),
    do: plain([name, "(", Enum.join(arguments, ", "), ")"], left)

  defp date_parts(date), do: [date.year, date.month, date.day]

  defp time_parts(time) do
    {microsecond, _precision} = time.microsecond

    case {time.second, microsecond} do
      {0, 0} -> [time.hour, time.minute]
      {second, 0} -> [time.hour, time.minute, second]
      {second, microsecond} -> [time.hour, time.minute, second, microsecond]
    end
  end

  defp zone(%NaiveDateTime{}), do: []
  defp zone(%DateTime{time_zone: "Etc/UTC"}), do: ["tzinfo=datetime.timezone.utc"]
  defp zone(%DateTime{time_zone: zone}), do: ["tzinfo=zoneinfo.ZoneInfo(key='" <> zone <> "')"]

  defp object(%Object{type: "decimal.Decimal", text: text}), do: ["Decimal('", text, "')"]
  defp object(%Object{type: "float", text: text}), do: text
  defp object(%Object{type: type, text: ""}), do: ["<", type, " object>"]
  defp object(%Object{type: type, text: text}), do: ["<", type, " ", text, ">"]

  defp buffer(buffer) do
    shape = Enum.map_join(Tuple.to_list(buffer.shape), "x", &Integer.to_string/1)
    ["<", buffer.type, " ", buffer.dtype, if(shape == "", do: "", else: " "), shape, ">"]
  end
end
