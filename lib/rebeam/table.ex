defmodule Rebeam.Table do
  @moduledoc ~S'''
  The tables of Python's `rebeam.Table`, for Elixir: the same name is the same table.

      iex> {:ok, stock} = Rebeam.Table.open("doc_stock", type: :ordered_set)
      iex> Rebeam.Table.put(stock, "tea", 3)
      :ok
      iex> Rebeam.Table.update_counter(stock, "tea", -1)
      2
      iex> Rebeam.Table.put(stock, {"salt", 1}, %{"grams" => 500})
      :ok
      iex> Rebeam.Table.get(stock, {"salt", 1})
      %{"grams" => 500}
      iex> Rebeam.Table.to_list(stock)
      [{{"salt", 1}, %{"grams" => 500}}, {"tea", 2}]
      iex> Rebeam.Table.drop(stock)
      :ok

  In Python: `Table("doc_stock", type="ordered_set")["tea"]`.

  A table is named by its name, a string; `open/2` makes it, if it is not there, on the program's main
  node. Values are what `Rebeam.Value` says; a value that Elixir has no word for comes as a
  `Rebeam.Object`. Keys are numbers, strings, `nil`, booleans, atoms, dates and times, pids,
  references, `Rebeam.Bytes`, and tuples and `MapSet`s of these. As in Python `1`, `1.0` and `true` are one key, and
  a table comes as it does there: the order of an ordered set is Python's (see the guide on tables).

  What goes wrong is an `ArgumentError` that says what: there is no such table, or it is not the
  calling process that may write.
  '''

  alias Rebeam.{Nodes, Tables, Value}
  alias Rebeam.Tables.{Cursor, Order, Rows, Writer}
  alias Rebeam.Value.Key

  @type name :: String.t()
  @type key :: term
  @type option ::
          {:type, :set | :ordered_set | :bag}
          | {:public, boolean}
          | {:heir, pid | String.t()}
          | {:file, Path.t()}
          | {:durability, :interval | :always}
          | {:read_concurrency, boolean}

  @defaults [
    type: :set,
    public: true,
    heir: nil,
    file: nil,
    durability: :interval,
    read_concurrency: true
  ]

  @doc """
  Makes the table, if it is not there: `{:ok, name}`, or `{:error, text}`.

    * `:type` - `:set` (default), `:ordered_set`, or `:bag`
    * `:public` - false if its owner alone may write: the process that opened it first
    * `:heir` - then: a pid or name that is the owner when that ended
    * `:file` - where its rows are kept
    * `:durability` - `:interval`: what was written outlives the program, and after a second the machine;
      `:always`: both at once
    * `:read_concurrency` - false for a table that is mostly written
  """
  @spec open(name, [option]) :: {:ok, name} | {:error, String.t()}
  def open(name, options \\ []) when is_binary(name) do
    options = Keyword.validate!(options, @defaults)
    {public?, settings} = options |> Map.new() |> Map.pop!(:public)
    settings = Map.put(settings, :public?, public?)
    settings = update_in(settings.file, &if(is_binary(&1), do: Path.expand(&1), else: &1))

    here(:do_open, [name, settings], fn -> do_open(name, settings) end)
  end

  @doc false
  def do_open(name, settings) do
    case Tables.open(name, settings, caller()) do
      {:ok, _table} -> {:ok, name}
      {:error, _type, text} -> {:error, text}
    end
  end

  @doc "The value; `default` if there is none. Of a bag: the list of all values."
  @spec get(name, key, term) :: term
  def get(name, key, default \\ nil) do
    here(:get, [name, key, default], fn ->
      table = find!(name)
      table.tid |> Rows.get(place(table, key)) |> found(table.type, default)
    end)
  end

  defp found([], :bag, nil), do: []
  defp found([], _type, default), do: default
  defp found(values, :bag, _default), do: Enum.map(values, &term!/1)
  defp found([value], _type, _default), do: term!(value)

  @doc "The value of that key from now on; in a bag one more."
  @spec put(name, key, term) :: :ok
  def put(name, key, value), do: put(name, [{key, value}])

  @doc "The same of many, in one step: nobody sees some of them."
  @spec put(name, Enumerable.t()) :: :ok
  def put(name, rows) do
    here(:put, [name, Enum.to_list(rows)], fn ->
      table = writable!(name)
      change!(table, {:put, Enum.map(rows, &row(table, &1))})
      :ok
    end)
  end

  @doc "Puts it if the key is not there; whether it did."
  @spec put_new(name, key, term) :: boolean
  def put_new(name, key, value) do
    here(:put_new, [name, key, value], fn ->
      table = writable!(name)
      change!(table, {:put_new, row(table, {key, value})})
    end)
  end

  @doc "Takes the value away; `default` if there was none. Of a bag: the list of all values."
  @spec take(name, key, term) :: term
  def take(name, key, default \\ nil) do
    here(:take, [name, key, default], fn ->
      table = writable!(name)
      table |> change!({:take, place(table, key)}) |> found(table.type, default)
    end)
  end

  @doc "Takes the key away; whether it was there."
  @spec delete(name, key) :: boolean
  def delete(name, key) do
    here(:delete, [name, key], fn ->
      table = writable!(name)
      change!(table, {:delete, place(table, key)})
    end)
  end

  @doc "Takes one value of a key of a bag away; whether it was there."
  @spec discard(name, key, term) :: boolean
  def discard(name, key, value) do
    here(:discard, [name, key, value], fn ->
      table = writable!(name)
      change!(table, {:discard, row(table, {key, value})})
    end)
  end

  @doc "Adds to an integer, in one step: the sum."
  @spec update_counter(name, key, integer, integer) :: integer
  def update_counter(name, key, n \\ 1, default \\ 0)
      when is_integer(n) and is_integer(default) do
    here(:update_counter, [name, key, n, default], fn ->
      table = writable!(name)
      {place, _, given} = row(table, {key, nil})

      case change!(table, {:count, place, given, n, default}) do
        count when is_integer(count) -> count
        :no_integer -> raise ArgumentError, "the value of this key is no integer"
        :bag -> raise ArgumentError, "a bag has no single value to change"
      end
    end)
  end

  @doc "Puts `new` if the value is `old` (`==`), in one step; whether it did."
  @spec compare_and_swap(name, key, term, term) :: boolean
  def compare_and_swap(name, key, old, new) do
    here(:compare_and_swap, [name, key, old, new], fn ->
      table = writable!(name)
      swap(table, place(table, key), old, stored(old), stored(new))
    end)
  end

  defp swap(table, place, old, expected, new) do
    case change!(table, {:swap, place, expected, new}) do
      # As Python stored it, say.
      {:other, value} -> term!(value) == old and swap(table, place, old, value, new)
      :bag -> raise ArgumentError, "a bag has no single value to change"
      swapped? -> swapped?
    end
  end

  @spec clear(name) :: :ok
  def clear(name) do
    here(:clear, [name], fn ->
      name |> writable!() |> change!(:clear)
      :ok
    end)
  end

  @spec has_key?(name, key) :: boolean
  def has_key?(name, key) do
    here(:has_key?, [name, key], fn ->
      table = find!(name)
      :ets.member(table.tid, place(table, key))
    end)
  end

  @doc "The number of rows."
  @spec size(name) :: non_neg_integer
  def size(name), do: here(:size, [name], fn -> :ets.info(find!(name).tid, :size) end)

  @doc "The bytes that it takes. Looks at all rows."
  @spec memory(name) :: non_neg_integer
  def memory(name), do: here(:memory, [name], fn -> Rows.memory(find!(name).tid) end)

  @doc "All rows as `{key, value}`: `stream/1` as a list."
  @spec to_list(name) :: [{key, term}]
  def to_list(name), do: name |> stream() |> Enum.to_list()

  @doc """
  The rows as `{key, value}`, fetched some at a time, in order where the table has one. Others may write
  meanwhile: no row comes twice, and none is missed that is there throughout.
  """
  @spec stream(name) :: Enumerable.t()
  def stream(name) do
    Stream.resource(
      fn -> {cursor(name), 0} end,
      fn {cursor, number} ->
        case pairs(cursor, number) do
          [] -> {:halt, {cursor, number}}
          pairs -> {pairs, {cursor, number + 1}}
        end
      end,
      fn {cursor, _} -> Cursor.close(cursor) end
    )
  end

  @doc false
  def cursor(name) do
    here(:cursor, [name], fn ->
      table = find!(name)
      Cursor.start(table.tid, table.type, [], caller())
    end)
  end

  @doc false
  def pairs(cursor, number) do
    here(:pairs, [cursor, number], fn ->
      case Cursor.next(cursor, number) do
        {:ok, rows} -> Enum.map(rows, &pair/1)
        {:error, :gone} -> raise ArgumentError, "the table was deleted meanwhile"
      end
    end)
  end

  @doc "The first or last key of an ordered set, or the one beside another; `default` if there is none."
  @spec first(name, term) :: key
  def first(name, default \\ nil),
    do: here(:first, [name, default], fn -> beside(name, :first, default) end)

  @doc "See `first/2`."
  @spec last(name, term) :: key
  def last(name, default \\ nil),
    do: here(:last, [name, default], fn -> beside(name, :last, default) end)

  @doc "See `first/2`."
  @spec next(name, key, term) :: key
  def next(name, key, default \\ nil),
    do: here(:next, [name, key, default], fn -> beside(name, {:next, key}, default) end)

  @doc "See `first/2`."
  @spec prev(name, key, term) :: key
  def prev(name, key, default \\ nil),
    do: here(:prev, [name, key, default], fn -> beside(name, {:prev, key}, default) end)

  defp beside(name, where, default) do
    table = find!(name)
    if table.type != :ordered_set, do: raise(ArgumentError, "a #{table.type} has no order")
    where = with {side, key} <- where, do: {side, place(table, key)}

    with {place, value, given} <- Rows.beside(table.tid, where),
         do: key({Order.form(table.type, place), value, given}),
         else: (nil -> default)
  end

  @doc "The table is no more, for all; nor is its file."
  @spec drop(name) :: :ok
  def drop(name) do
    here(:drop, [name], fn ->
      name |> writable!() |> Tables.delete()
    end)
  end

  # ---- where the tables are --------------------------------------------------------------------

  defp here(function, arguments, fun) do
    if Nodes.front?(), do: on_main(function, arguments), else: fun.()
  end

  defp on_main(function, arguments) do
    case Nodes.on_main(__MODULE__, :serve, [self(), function, arguments], :infinity) do
      {:ok, result} -> result
      {:error, text} -> raise ArgumentError, text
    end
  end

  @doc false
  # On the main node, for a process of its front.
  def serve(caller, function, arguments) do
    Process.put(__MODULE__, caller)
    {:ok, apply(__MODULE__, function, arguments)}
  rescue
    error in ArgumentError -> {:error, Exception.message(error)}
  end

  # Whose table it is, and who may write.
  defp caller, do: Process.get(__MODULE__) || self()

  # ---- rows ------------------------------------------------------------------------------------

  defp find!(name) do
    case Tables.find(name) do
      {:ok, table} -> table
      :none -> raise ArgumentError, "there is no table #{inspect(name)}"
    end
  end

  defp writable!(name) do
    table = find!(name)

    with text when is_binary(text) <- Tables.refusal(table, caller()),
         do: raise(ArgumentError, text)

    table
  end

  defp change!(table, change) do
    if table.writer do
      case Writer.change(table.writer, change) do
        {:ok, result} -> result
        {:error, _type, text} -> raise ArgumentError, text
      end
    else
      {result, _effects} = Rows.change(table.tid, table.type, change)
      result
    end
  end

  defp row(table, {key, value}) do
    {form, exact?} = Key.of(key)
    given = if exact?, do: [], else: List.wrap(Value.payload!(key))
    {Order.place(table.type, form), stored(value), given}
  end

  defp place(table, key), do: Order.place(table.type, Key.form(key))

  defp stored(value) when is_number(value) or value in [nil, true, false], do: value

  defp stored(text) when is_binary(text) and byte_size(text) < 1000 do
    if String.valid?(text), do: text, else: List.wrap(Value.payload!(text))
  end

  defp stored(value), do: List.wrap(Value.payload!(value))

  defp pair({_, value, _} = row), do: {key(row), term!(value)}

  defp key({form, _, []}), do: Key.term(form)
  defp key({_, _, given}), do: term!(given)

  defp term!([_ | _] = payload) do
    case Value.unpack_message(payload) do
      {:ok, term} -> term
      {:error, text} -> raise ArgumentError, text
    end
  end

  defp term!(plain), do: plain
end
