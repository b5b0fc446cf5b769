defmodule Rebeam.Tables.Order do
  @moduledoc false
  # Keys as an ordered_set has them, in places: where Erlang's order is that of Python, also in tuples.
  # Erlang compares the sizes of tuples first, and has no number that is neither an integer nor a
  # float, so that places differ from forms (Rebeam.Value.Key) in these:
  #
  #     number       [floor | digits], see `number/2`. [nil] is infinite
  #     list         {tuple, places}
  #
  # So None comes first, then what has a rank, tuples last, then numbers, then texts.

  alias Rebeam.Tables.Rows
  alias Rebeam.Value.Key

  # As in python/rebeam/_key_numbers.py.
  @ratio 17
  @infinity 18

  # Behind all others.
  @tuple 100
  @minus_infinity {101, nil}

  # So many decimal digits fit into a small integer, and so many of these hold most floats.
  @base 100_000_000_000_000_000
  @parts 4

  # The least float is one by @finest; @half is its square root.
  @finest Bitwise.bsl(1, 1074)
  @half Bitwise.bsl(1, 537)
  @mantissa Bitwise.bsl(1, 53)

  @type place :: Key.t()

  @doc "The key of a row of a table of that type."
  @spec place(Rows.type(), Key.t()) :: place
  def place(:ordered_set, form), do: place(form)
  def place(_type, form), do: form

  defp place(integer) when is_integer(integer), do: [integer]

  defp place(float) when is_float(float) do
    {numerator, denominator} = Float.ratio(float)
    number(numerator, denominator)
  end

  defp place({@ratio, [numerator, denominator]}), do: number(numerator, denominator)
  defp place({@infinity, 1}), do: [nil]
  defp place({@infinity, -1}), do: @minus_infinity
  defp place(list) when is_list(list), do: {@tuple, Enum.map(list, &place/1)}
  defp place(form), do: form

  @doc "The form whose place it is."
  @spec form(Rows.type(), place) :: Key.t()
  def form(:ordered_set, place), do: form(place)
  def form(_type, form), do: form

  defp form([integer]) when is_integer(integer), do: integer

  defp form([integer | digits]) when is_integer(integer),
    do: ratio(integer, fraction(digits, @parts))

  defp form([nil]), do: {@infinity, 1}
  defp form(@minus_infinity), do: {@infinity, -1}
  defp form({@tuple, places}), do: Enum.map(places, &form/1)
  defp form(place), do: place

  @doc "Whether it is one in a table of that type: a file may have anything."
  @spec place?(Rows.type(), term) :: boolean
  def place?(:ordered_set, place) do
    place(form(place)) === place
  rescue
    _ -> false
  end

  def place?(_type, _form), do: true

  @doc "Whether a place begins with another: texts, bytes and tuples do."
  @spec prefix?(place, place) :: boolean
  def prefix?({rank, place}, {rank, prefix}), do: prefix?(place, prefix)

  def prefix?(list, prefix) when is_list(list) and is_list(prefix),
    do: List.starts_with?(list, prefix)

  def prefix?(binary, prefix) when is_binary(binary) and is_binary(prefix),
    do: String.starts_with?(binary, prefix)

  def prefix?(_place, _prefix), do: false

  # ---- numbers -------------------------------------------------------------------------------

  # The next lower integer; the decimal digits behind the point, as integers of 17 digits, as many as
  # there are; and behind the fourth of these what is left, as a continued fraction.
  defp number(numerator, denominator) do
    floor = Integer.floor_div(numerator, denominator)
    [floor | digits(numerator - floor * denominator, denominator, @parts)]
  end

  defp digits(0, _denominator, _parts), do: []
  defp digits(rest, denominator, 0), do: continued(rest, denominator, -1)

  defp digits(rest, denominator, parts) do
    shifted = rest * @base
    [div(shifted, denominator) | digits(rem(shifted, denominator), denominator, parts - 1)]
  end

  # Its terms make the number smaller and larger in turn, and so does that there are no more: nil is
  # greater than any integer, no term is less.
  defp continued(0, _denominator, -1), do: []
  defp continued(0, _denominator, 1), do: [nil]

  defp continued(rest, denominator, sign),
    do: [sign * div(denominator, rest) | continued(rem(denominator, rest), rest, -sign)]

  # The way back, {numerator, denominator}.
  defp fraction([], _parts), do: {0, 1}
  defp fraction([nil], 0), do: {0, 1}

  defp fraction([term | rest], 0) do
    {numerator, denominator} = fraction(rest, 0)
    {denominator, abs(term) * denominator + numerator}
  end

  defp fraction([digits | rest], parts) do
    {numerator, denominator} = fraction(rest, parts - 1)
    {digits * denominator + numerator, denominator * @base}
  end

  # As python/rebeam/_key_numbers.py has it: a float, exactly, or no float.
  defp ratio(integer, {numerator, denominator}) do
    numerator = integer * denominator + numerator
    common = Integer.gcd(numerator, denominator)
    {numerator, denominator} = {div(numerator, common), div(denominator, common)}

    if power_of_two?(denominator) and denominator <= @finest and abs(numerator) < @mantissa,
      do: float(numerator, denominator),
      else: {@ratio, [numerator, denominator]}
  end

  defp power_of_two?(integer), do: Bitwise.band(integer, integer - 1) == 0

  # No float is as large as the denominator of the least one.
  defp float(numerator, denominator) when denominator > @half,
    do: numerator / @half / div(denominator, @half)

  defp float(numerator, denominator), do: numerator / denominator
end
