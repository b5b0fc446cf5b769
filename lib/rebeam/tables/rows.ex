defmodule Rebeam.Tables.Rows do
  @moduledoc false
  # What is done to the rows of one table, in ETS: `{key, value, given}`. The key is its
  # form (Rebeam.Value.Key), in its place (Rebeam.Tables.Order), `given` the key as it was given, packed,
  # or [] where the form tells it. A value is a plain term where that is exact, so that ETS can count and compare it, else the
  # list that a payload with parts is: ETS shares large parts, as messages do, until the row goes.
  #
  # What writes also says what it did, for those who keep account of it (Rebeam.Tables.Writer).

  alias Rebeam.Tables.Order

  @type value :: number | boolean | nil | binary | [binary | {reference, binary}, ...]
  @type row :: {Order.place(), value, given :: list}
  @type effect :: {:put, [row]} | {:delete, Order.place()} | {:discard, row} | :clear
  @type type :: :set | :ordered_set | :bag

  # How many rows are looked at before another process may have its turn: this is not the work of
  # one actor's process only.
  @chunk 1_000
  # And how many bytes of theirs are in a message, which goes to another OS process maybe.
  @bytes 4_194_304

  @doc "How many rows are taken at a time where all are looked at."
  @spec chunk :: pos_integer
  def chunk, do: @chunk

  @doc "A table of ETS as it is opened."
  @spec new(:public | :protected, %{type: type, read_concurrency: boolean}) :: :ets.tid()
  def new(access, settings) do
    # An ordered one would be another, slower tree.
    concurrency = [
      read_concurrency: settings.read_concurrency,
      write_concurrency: settings.type != :ordered_set
    ]

    :ets.new(__MODULE__, [settings.type, access | concurrency])
  end

  # ---- reading -----------------------------------------------------------------------------

  @doc "The values of a key: one at most, but in a bag."
  @spec get(:ets.tid(), Order.place()) :: [value]
  def get(tid, key), do: for({_, value, _} <- :ets.lookup(tid, key), do: value)

  @doc "The row on one side of a key, or at an end (`:first`, `:last`); nil if there is none."
  @spec beside(:ets.tid(), :first | :last | {:next | :prev, Order.place()}) :: row | nil
  def beside(tid, where) do
    with key when key != :"$end_of_table" <- go(tid, where) do
      case :ets.lookup(tid, key) do
        [row] -> row
        # It went in between.
        [] -> beside(tid, {side(where), key})
      end
    else
      _ -> nil
    end
  end

  defp side(:first), do: :next
  defp side(:last), do: :prev
  defp side({side, _}), do: side

  defp go(tid, :first), do: :ets.first(tid)
  defp go(tid, :last), do: :ets.last(tid)
  defp go(tid, {:next, key}), do: :ets.next(tid, key)
  defp go(tid, {:prev, key}), do: :ets.prev(tid, key)

  @typedoc """
  Where a walk begins and ends, in its direction: from the key itself, behind it, or anywhere; up to
  a key that is not part of it, or that is, or to what does not begin with that prefix.
  """
  @type from :: nil | {:from | :behind, Order.place()}
  @type to :: nil | {:before | :to | :prefix, Order.place()}

  @doc "The next rows of an ordered_set, in order or against it, and whether there may be more."
  @spec walk(:ets.tid(), :next | :prev, from, to) :: {[row], more? :: boolean}
  def walk(tid, side, from, to) do
    first =
      case from do
        nil -> beside(tid, if(side == :next, do: :first, else: :last))
        {:behind, key} -> beside(tid, {side, key})
        {:from, key} -> at(tid, key) || beside(tid, {side, key})
      end

    walk_on({tid, side, to}, first, [], @chunk, @bytes)
  end

  defp at(tid, key), do: List.first(:ets.lookup(tid, key))

  defp walk_on(_walk, nil, rows, _left, _bytes), do: {Enum.reverse(rows), false}

  defp walk_on(_walk, _row, rows, left, bytes) when left == 0 or bytes <= 0,
    do: {Enum.reverse(rows), true}

  defp walk_on({tid, side, to} = walk, {key, _, _} = row, rows, left, bytes) do
    if within?(side, key, to),
      do: walk_on(walk, beside(tid, {side, key}), [row | rows], left - 1, bytes - off_heap(row)),
      else: {Enum.reverse(rows), false}
  end

  @doc "As many of these rows, but at least one, as go into one message, and the others."
  @spec split([row]) :: {[row], [row]}
  def split([]), do: {[], []}
  def split([row | rows]), do: split(rows, [row], @bytes - off_heap(row))

  defp split([row | rows], taken, bytes) when bytes > 0,
    do: split(rows, [row | taken], bytes - off_heap(row))

  defp split(rows, taken, _bytes), do: {Enum.reverse(taken), rows}

  defp within?(_side, _key, nil), do: true
  defp within?(_side, key, {:prefix, prefix}), do: Order.prefix?(key, prefix)
  defp within?(:next, key, {:before, last}), do: key < last
  defp within?(:prev, key, {:to, last}), do: key >= last

  @doc "The bytes of the table in memory, with those of values that it shares with nobody."
  @spec memory(:ets.tid()) :: non_neg_integer
  def memory(tid) do
    :ets.safe_fixtable(tid, true)
    sizes = [{{:"$1", :"$2", :"$3"}, [], [{{:"$1", :"$2", :"$3"}}]}]
    outside = tid |> :ets.select(sizes, @chunk) |> outside(0)
    :ets.safe_fixtable(tid, false)
    :ets.info(tid, :memory) * :erlang.system_info(:wordsize) + outside
  end

  defp outside(:"$end_of_table", sum), do: sum

  defp outside({rows, more}, sum),
    do: more |> :ets.select() |> outside(Enum.reduce(rows, sum, &(off_heap(&1) + &2)))

  # Up to 64 bytes a binary is in the row itself.
  defp off_heap(binary) when is_binary(binary),
    do: if(byte_size(binary) > 64, do: byte_size(binary), else: 0)

  defp off_heap([head | rest]), do: off_heap(head) + off_heap(rest)
  defp off_heap({a, b}), do: off_heap(a) + off_heap(b)
  defp off_heap({key, value, given}), do: off_heap(key) + off_heap(value) + off_heap(given)
  defp off_heap(_term), do: 0

  # ---- writing -----------------------------------------------------------------------------

  @type change ::
          {:put, [row]}
          | {:put_new, row}
          | {:take | :delete, Order.place()}
          | :popitem
          | {:discard, row}
          | {:count, Order.place(), given :: list, integer, integer}
          | {:swap, Order.place(), value, value}
          | :clear

  @doc "Makes one change, as a whole. Its result, and what it did."
  @spec change(:ets.tid(), type, change) :: {term, [effect]}
  def change(tid, :bag, {:put, rows}) do
    case rows |> Enum.uniq_by(&Tuple.delete_at(&1, 2)) |> Enum.reject(&there?(tid, &1)) do
      [] -> {nil, []}
      new -> put(tid, new)
    end
  end

  def change(tid, _type, {:put, rows}), do: put(tid, rows)

  def change(tid, _type, {:put_new, row}),
    do: if(:ets.insert_new(tid, row), do: {true, [{:put, [row]}]}, else: {false, []})

  def change(tid, _type, {:take, key}) do
    case :ets.take(tid, key) do
      [] -> {[], []}
      rows -> {for({_, value, _} <- rows, do: value), [{:delete, key}]}
    end
  end

  # The last one of an ordered_set.
  def change(tid, type, :popitem) do
    with key when key != :"$end_of_table" <-
           go(tid, if(type == :ordered_set, do: :last, else: :first)),
         {:rows, [_ | _] = rows} <- {:rows, :ets.take(tid, key)} do
      {rows, [{:delete, key}]}
    else
      :"$end_of_table" -> {[], []}
      # Somebody else took it.
      {:rows, []} -> change(tid, type, :popitem)
    end
  end

  def change(tid, type, {:delete, key}) do
    {values, effects} = change(tid, type, {:take, key})
    {values != [], effects}
  end

  # Of a bag: as it was given does not matter.
  def change(tid, _type, {:discard, {key, value, _}}) do
    found = for {_, each, _} = row <- :ets.lookup(tid, key), same?(each, value), do: row
    Enum.each(found, &:ets.delete_object(tid, &1))
    {found != [], Enum.map(found, &{:discard, &1})}
  end

  def change(_tid, :bag, {:count, _, _, _, _}), do: {:bag, []}

  def change(tid, _type, {:count, key, given, n, default}) do
    count = :ets.update_counter(tid, key, {2, n}, {key, default, given})
    {count, [{:put, [{key, count, given}]}]}
  rescue
    error in ArgumentError ->
      if :ets.member(tid, key), do: {:no_integer, []}, else: reraise(error, __STACKTRACE__)
  end

  def change(_tid, :bag, {:swap, _, _, _}), do: {:bag, []}

  def change(tid, _type, {:swap, key, old, new}) do
    case :ets.lookup(tid, key) do
      [] ->
        {false, []}

      [{_, value, given}] ->
        cond do
          not same?(value, old) -> {{:other, value}, []}
          replace(tid, key, value, new) == 1 -> {true, [{:put, [{key, new, given}]}]}
          # It changed in between.
          true -> change(tid, :set, {:swap, key, old, new})
        end
    end
  end

  def change(tid, _type, :clear) do
    :ets.delete_all_objects(tid)
    {nil, [:clear]}
  end

  # No key and no value has an atom that means something to a match specification.
  defp replace(tid, key, value, new) do
    row = {{{:element, 1, :"$_"}, {:const, new}, :"$1"}}
    :ets.select_replace(tid, [{{key, value, :"$1"}, [], [row]}])
  end

  defp put(tid, rows) do
    :ets.insert(tid, rows)
    {nil, [{:put, rows}]}
  end

  # ETS would tell rows apart by how the key was given, and by references.
  defp there?(tid, {key, value, _given}) do
    if is_list(value) and Enum.any?(value, &is_tuple/1),
      do: tid |> :ets.lookup(key) |> Enum.any?(fn {_, each, _} -> same?(each, value) end),
      else: :ets.select(tid, [{{key, value, :_}, [], [true]}], 1) != :"$end_of_table"
  end

  # The same memory may come by another reference.
  defp same?(value, value), do: true

  defp same?([head | rest], [other | others]),
    do: same?(bytes(head), bytes(other)) and same?(rest, others)

  defp same?(_value, _other), do: false

  defp bytes({_reference, binary}), do: binary
  defp bytes(binary), do: binary

  @doc "Does again what a change did."
  @spec redo(:ets.tid(), effect) :: term
  def redo(tid, {:put, rows}), do: :ets.insert(tid, rows)
  def redo(tid, {:delete, key}), do: :ets.delete(tid, key)
  def redo(tid, {:discard, row}), do: :ets.delete_object(tid, row)
  def redo(tid, :clear), do: :ets.delete_all_objects(tid)
end
