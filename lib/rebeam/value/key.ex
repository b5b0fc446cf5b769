defmodule Rebeam.Value.Key do
  @moduledoc false
  # The form of a key of a registry or a table: keys that Python's `==` calls equal are one term, and
  # what is one for Elixir is one for Python. What Python makes of a key is in python/rebeam/_keys.py;
  # this is the same for Elixir's terms. The key as it was given is kept beside it, unless the form
  # tells it.
  #
  #     number            int; float that is no whole number. 1, 1.0 and True are 1
  #     nil               None
  #     list              tuple
  #     binary            str, in UTF-8
  #     {rank, form}      all others: bytes, dates, ..., objects
  #
  # No atom but nil is in it, and no map, so that it may stand in a match specification, and a form
  # that comes from a file makes no atom.

  alias Rebeam.Value.Codec

  # The ranks that Elixir knows: _keys.py and _key_numbers.py have all of them.
  @bytes 1
  @date 2
  @naive 3
  @utc 4
  @time 5
  @frozenset 10
  @atom 11
  @identity 12
  @dict 15

  @first_day ~D[0001-01-01]
  @first_moment ~N[0001-01-01 00:00:00]

  @type t :: number | nil | binary | [t] | {pos_integer, term}

  @doc "The form as it comes from Python, where bytes are told from text, and sets have no order."
  @spec received(term) :: t
  def received(%Rebeam.Bytes{data: data}), do: data
  def received([_ | _] = list), do: Enum.map(list, &received/1)

  def received({rank, [_ | _] = forms}) when rank in [@frozenset, @dict],
    do: {rank, forms |> Enum.map(&received/1) |> Enum.sort()}

  def received({rank, form}), do: {rank, received(form)}
  def received(form), do: form

  @doc "The form of an Elixir term, and whether it tells the term. ArgumentError if it can be no key."
  @spec of(term) :: {t, exact? :: boolean}
  def of(nil), do: {nil, true}
  def of(number) when is_integer(number), do: {number, true}
  def of(boolean) when is_boolean(boolean), do: {if(boolean, do: 1, else: 0), false}

  def of(number) when is_float(number) do
    whole = trunc(number)
    if whole == number, do: {whole, false}, else: {number, true}
  end

  def of(binary) when is_binary(binary) do
    if String.valid?(binary), do: {binary, true}, else: {{@bytes, binary}, false}
  end

  def of(tuple) when is_tuple(tuple) do
    {forms, exact} = tuple |> Tuple.to_list() |> Enum.map(&of/1) |> Enum.unzip()
    {forms, Enum.all?(exact)}
  end

  def of(%Rebeam.Bytes{data: data}), do: {{@bytes, data}, true}
  def of(%Date{} = date), do: {{@date, Date.diff(date, @first_day) + 1}, false}

  def of(%NaiveDateTime{} = time),
    do: {{@naive, NaiveDateTime.diff(time, @first_moment, :microsecond)}, false}

  def of(%DateTime{} = time) do
    first = DateTime.from_naive!(@first_moment, "Etc/UTC")
    {{@utc, DateTime.diff(time, first, :microsecond)}, false}
  end

  def of(%Time{} = time), do: {{@time, Time.diff(time, ~T[00:00:00], :microsecond)}, false}

  # 1 and 1.0 are two in a MapSet.
  def of(%MapSet{} = set) do
    forms = set |> Enum.map(&elem(of(&1), 0)) |> Enum.uniq() |> Enum.sort()
    {{@frozenset, forms}, false}
  end

  def of(atom) when is_atom(atom), do: {{@atom, Atom.to_string(atom)}, false}

  def of(identity) when is_pid(identity) or is_reference(identity),
    do: {{@identity, Codec.pack!(identity)}, false}

  def of(other) do
    raise ArgumentError,
          "a key is a number, a text, nil, an atom, a date or time, a pid, a reference, " <>
            "Rebeam.Bytes, or a tuple or MapSet of these, not #{inspect(other)}"
  end

  @doc "The form of an Elixir term."
  @spec form(term) :: t
  def form(term), do: term |> of() |> elem(0)

  @doc "The term that a form tells."
  @spec term(t) :: term
  def term({@bytes, data}), do: %Rebeam.Bytes{data: data}
  def term(list) when is_list(list), do: list |> Enum.map(&term/1) |> List.to_tuple()
  def term(form), do: form
end
