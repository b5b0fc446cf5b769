defmodule Rebeam.Counter do
  @moduledoc ~S'''
  The counters, gauges and flags of Python's program, by their names.

      iex> Rebeam.Counter.add("doc.hits")
      1
      iex> Rebeam.Counter.add("doc.hits", 41)
      42
      iex> Rebeam.Counter.reset("doc.hits")
      42
      iex> Rebeam.Counter.get("doc.hits")
      0
      iex> Rebeam.Counter.set("doc.load", 0.5, :gauge)
      :ok
      iex> Rebeam.Counter.add("doc.load", 0.25, :gauge)
      0.75
      iex> {Rebeam.Counter.raise_flag("doc.ready"), Rebeam.Counter.raise_flag("doc.ready")}
      {true, false}

  In Python they are `Counter("doc.hits")`, `Gauge("doc.load")` and `Flag("doc.ready")`. A name is one
  cell of memory, which the OS processes of a program share: whoever changes it does so at once, by one
  atomic instruction. It is there, with 0, from the first time on that anybody names it, until the
  program ends. A name that is of another kind raises `ArgumentError`.

  Counters are whole numbers of 64 bits. Gauges are floats, and `:nan`, `:infinity` and
  `:negative_infinity`, which Elixir has no numbers for.
  '''

  alias Rebeam.{Counters, Native, Value}

  @type kind :: :counter | :gauge

  @largest_float 1.7976931348623157e308

  @doc "Adds a number, which may be negative. What it is then."
  @spec add(String.t(), number, kind) :: number | atom
  def add(name, number \\ 1, kind \\ :counter) do
    number = number!(kind, number)
    Native.cell_add(form(kind), cell(name, kind), number)
  end

  @doc "What it is."
  @spec get(String.t(), kind) :: number | atom
  def get(name, kind \\ :counter), do: Native.cell_get(form(kind), cell(name, kind))

  @doc "From now on it is that."
  @spec set(String.t(), number, kind) :: :ok
  def set(name, number, kind \\ :counter) do
    number = number!(kind, number)
    Native.cell_exchange(form(kind), cell(name, kind), number)
    :ok
  end

  @doc "Sets it to 0. What it was."
  @spec reset(String.t(), kind) :: number | atom
  def reset(name, kind \\ :counter), do: Native.cell_exchange(form(kind), cell(name, kind), 0)

  @doc "Sets a flag. True for the one of all callers who did."
  @spec raise_flag(String.t()) :: boolean
  def raise_flag(name), do: Native.cell_exchange(:integer, cell(name, :flag), 1) == 0

  @doc "Clears it. False if it was not set."
  @spec clear_flag(String.t()) :: boolean
  def clear_flag(name), do: Native.cell_exchange(:integer, cell(name, :flag), 0) != 0

  @doc "Whether it is set."
  @spec flag?(String.t()) :: boolean
  def flag?(name), do: Native.cell_get(:integer, cell(name, :flag)) != 0

  defp form(:counter), do: :integer
  defp form(:gauge), do: :float

  defp form(other),
    do: raise(ArgumentError, "it is a :counter or a :gauge, not #{inspect(other)}")

  # What native code takes.
  defp number!(:counter, number) do
    if is_integer(number) and number in -0x8000000000000000..0x7FFFFFFFFFFFFFFF,
      do: number,
      else:
        raise(ArgumentError, "a counter counts in integers of 64 bits, not #{inspect(number)}")
  end

  defp number!(_gauge, number) do
    if is_number(number) and abs(number) <= @largest_float,
      do: number * 1.0,
      else:
        raise(ArgumentError, "a gauge is a number that a float can be, not #{inspect(number)}")
  end

  defp cell(name, kind) do
    unless is_binary(name) and String.valid?(name),
      do: raise(ArgumentError, "a name is a string, not #{inspect(name)}")

    Value.load()

    case Counters.find(Atom.to_string(kind), name) do
      {:ok, index} -> index
      {:error, text} -> raise ArgumentError, text
      {:failed, text} -> raise text
    end
  end
end
