defmodule Rebeam.Operation.Tables do
  @moduledoc false
  # Tables: python/rebeam/_tables.py.
  #
  # On the main node, the process of the actor that asks does it, in ETS: that costs no message. What
  # looks at many rows, or waits for a file, is left for later. Units that are nodes ask the main
  # node, which asks other nodes for tables of theirs.
  @behaviour Rebeam.Operation

  alias Rebeam.{Nodes, Packed, Tables}
  alias Rebeam.Message.Payload
  alias Rebeam.Operation.Asker
  alias Rebeam.Tables.{Cursor, Filter, Order, Rows, Writer}
  alias Rebeam.Value.Key

  @changes ~w(put put_all put_new take popitem delete discard count swap clear)
  @types %{"set" => :set, "ordered_set" => :ordered_set, "bag" => :bag}
  @durabilities %{"interval" => :interval, "always" => :always}
  @words Map.new(~w(first last next prev from behind before to prefix)a, &{to_string(&1), &1})
  @long ~w(open drop walk cursor memory put_all clear)

  @impl true
  def perform("next", [cursor, number, keys?], _) when is_pid(cursor),
    do: {:wait, fn -> cursor |> Cursor.next(number) |> chunk(keys?) end}

  def perform(verb, [at | arguments], asker) do
    pid = process(verb, asker)

    cond do
      not (is_binary(at) and Nodes.main?()) ->
        {:later, fn -> away(verb, at, arguments, pid) end}

      verb in @long ->
        {:later, fn -> here(verb, at, arguments, pid) end}

      true ->
        here(verb, at, arguments, pid)
    end
  end

  # Who goes through rows for a thread ends with its node at the latest.
  defp process("cursor", asker), do: Asker.process(asker) || Process.whereis(Tables)
  defp process(_verb, asker), do: Asker.process(asker)

  # ---- where the table is --------------------------------------------------------------------

  defp away(verb, at, arguments, pid) do
    if Nodes.main?(),
      do: serve(verb, at, arguments, pid),
      else: ask(Nodes.main(), [verb, at, arguments, pid])
  end

  @doc "On a main node: for a unit of it, or for another program."
  @spec serve(String.t(), String.t() | {String.t(), String.t()}, list, pid | nil) ::
          Rebeam.Actor.Wait.result()
  def serve(verb, {name, node}, arguments, pid) do
    case Nodes.connected(node) do
      nil -> {:error, "LookupError", "there is no connection to a node #{inspect(node)}"}
      node when node == node() -> serve(verb, name, arguments, pid)
      node -> ask(node, [verb, name, arguments, pid])
    end
  end

  def serve(verb, name, arguments, pid) do
    with {:later, fun} <- here(verb, name, arguments, pid), do: fun.()
  end

  # For as long as it answers: a file may be long.
  defp ask(node, arguments) do
    Nodes.while_answering(node, fn ->
      Nodes.ask(node, __MODULE__, :serve, arguments, :infinity)
    end)
  catch
    :error, {:erpc, :timeout} ->
      {:error, "TimeoutError", "the node #{node}, which has the table, does not answer"}

    _, {{:erpc, :noconnection}, _} ->
      {:error, "LookupError", "the node #{node}, which has the table, is gone"}

    _, {{:exception, :undef, _}, _} ->
      {:error, "LookupError", "the node #{node} has no tables"}
  end

  # ---- verbs ----------------------------------------------------------------------------------

  defp here("open", name, [type, public?, heir, file, durability, read_concurrency], pid) do
    settings = %{
      type: @types[type],
      public?: public?,
      heir: heir,
      file: file,
      durability: @durabilities[durability],
      read_concurrency: read_concurrency
    }

    with {:ok, _table} <- Tables.open(name, settings, pid), do: {:ok, nil}
  end

  defp here("attach", name, [type], _) do
    case Tables.find(name) do
      {:ok, %{type: own}} when own == :erlang.map_get(type, @types) ->
        {:ok, nil}

      {:ok, %{type: own}} ->
        {:error, "ValueError", "the table #{inspect(name)} is of type #{own}"}

      :none ->
        Tables.gone(name)
    end
  end

  defp here(verb, name, arguments, pid) do
    with {:ok, table} <- Tables.find(name) do
      guarded(name, fn -> run(verb, table, arguments, pid) end)
    else
      :none -> Tables.gone(name)
    end
  end

  # It may have gone since.
  defp guarded(name, fun) do
    with {:later, rest} <- fun.(), do: {:later, fn -> guarded(name, rest) end}
  rescue
    ArgumentError -> Tables.gone(name)
  end

  defp run("get", table, [key], _),
    do: {:ok, table.tid |> Rows.get(place(table.type, key)) |> values(table.type)}

  defp run("has", table, [key], _), do: {:ok, :ets.member(table.tid, place(table.type, key))}
  defp run("size", table, [], _), do: {:ok, size(table.tid)}
  defp run("memory", table, [], _), do: {:ok, Rows.memory(table.tid)}
  defp run("owner", table, [], _), do: {:ok, table.owner}

  defp run("beside", table, [end_], _),
    do: {:ok, table.tid |> Rows.beside(@words[end_]) |> beside()}

  defp run("beside", table, [side, key], _) do
    {:ok, table.tid |> Rows.beside({@words[side], place(table.type, key)}) |> beside()}
  end

  # The last key tells where the rest begins.
  defp run("walk", table, [reverse?, from, to, keys?], _) do
    side = if reverse?, do: :prev, else: :next
    {rows, more?} = Rows.walk(table.tid, side, bound(from), bound(to))
    rows = Enum.map(rows, &told/1)
    {last, _, _} = List.last(rows, {nil, nil, nil})
    {:ok, {if(more?, do: {"behind", last}), rows(rows, keys?)}}
  end

  defp run("cursor", table, [condition, keys?], pid) do
    cursor = Cursor.start(table.tid, table.type, Filter.guards(condition, table.type), pid)
    with {:ok, rows} <- cursor |> Cursor.next(0) |> chunk(keys?), do: {:ok, {cursor, rows}}
  end

  defp run("drop", table, [], pid) do
    with nil <- Tables.refusal(table, pid),
         do: {:ok, Tables.delete(table) && nil},
         else: (text -> refused(text))
  end

  defp run(verb, table, arguments, pid) when verb in @changes do
    case Tables.refusal(table, pid) do
      nil -> change(table, wanted(verb, arguments, table.type), verb)
      text -> refused(text)
    end
  end

  defp refused(text), do: {:error, "PermissionError", text}

  defp size(tid) do
    with :undefined <- :ets.info(tid, :size), do: raise(ArgumentError)
  end

  defp bound(nil), do: nil
  defp bound({word, key}), do: {@words[word], place(:ordered_set, key)}

  defp place(type, key), do: Order.place(type, Key.received(key))

  # Of an ordered_set.
  defp told({key, value, given}), do: {Order.form(:ordered_set, key), value, given}

  defp beside(nil), do: nil
  defp beside(row), do: row |> told() |> key()

  # ---- changes --------------------------------------------------------------------------------

  defp change(%{writer: nil} = table, change, verb) do
    {result, _effects} = Rows.change(table.tid, table.type, change)
    changed(verb, result, table)
  end

  defp change(table, change, verb) do
    {:later,
     fn ->
       with {:ok, result} <- Writer.change(table.writer, change), do: changed(verb, result, table)
     end}
  end

  defp wanted("put", row, type), do: {:put, [row(row, type)]}

  defp wanted("put_all", [rows], type),
    do: {:put, for(row <- rows, do: row |> Tuple.to_list() |> row(type))}

  defp wanted("put_new", row, type), do: {:put_new, row(row, type)}
  defp wanted("take", [key], type), do: {:take, place(type, key)}
  defp wanted("delete", [key], type), do: {:delete, place(type, key)}
  defp wanted("discard", [key, value], type), do: {:discard, row([key, nil, value], type)}
  defp wanted("clear", [], _type), do: :clear
  defp wanted("popitem", [], _type), do: :popitem

  defp wanted("swap", [key, old, new], type),
    do: {:swap, place(type, key), stored(old), stored(new)}

  defp wanted("count", [key, given, n, default], type),
    do: {:count, place(type, key), given(given), n, default}

  defp changed("take", values, table), do: {:ok, values(values, table.type)}
  defp changed("popitem", [], _table), do: {:ok, nil}

  defp changed("popitem", [{place, _, given} | _] = rows, table) do
    {key} = key({Order.form(table.type, place), nil, given})
    {:ok, {key, rows |> Enum.map(&elem(&1, 1)) |> values(table.type)}}
  end

  defp changed(verb, :bag, _) when verb in ["count", "swap"],
    do: {:error, "TypeError", "a bag has any number of values for a key: none to change in place"}

  defp changed("count", :no_integer, _),
    do: {:error, "TypeError", "the value of this key is no int: it cannot be counted"}

  defp changed("swap", {:other, value}, _), do: {:ok, {value(value)}}
  defp changed(_verb, result, _table), do: {:ok, result}

  # ---- rows, as they come and go ----------------------------------------------------------------

  defp row([key, given, value], type), do: {place(type, key), stored(value), given(given)}

  defp stored(%Packed{payload: payload}), do: List.wrap(payload)
  defp stored(plain), do: plain

  defp given(nil), do: []
  defp given(%Packed{payload: payload}), do: List.wrap(payload)

  # A list is no value, so it tells that there is none; a bag's are a tuple.
  defp values(values, :bag), do: values |> Enum.map(&value/1) |> List.to_tuple()
  defp values([], _type), do: []
  defp values([value], _type), do: value(value)

  defp value([bytes]), do: %Packed{payload: bytes}

  defp value([_ | _] = payload) do
    Payload.fetched()
    %Packed{payload: payload}
  end

  defp value(plain), do: plain

  defp key({key, _value, []}), do: {key}
  defp key({_key, _value, given}), do: {value(given)}

  defp rows(rows, true), do: Enum.map(rows, &key/1)

  defp rows(rows, false),
    do: for({_, value, _} = row <- rows, do: {elem(key(row), 0), value(value)})

  defp chunk({:ok, rows}, keys?), do: {:ok, rows(rows, keys?)}
  defp chunk({:error, :gone}, _), do: {:error, "LookupError", "the table was deleted meanwhile"}
end
