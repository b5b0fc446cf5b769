defmodule Rebeam.Tables.EtsTest do
  # The same steps to a table of ETS and to one of Python: what each gives is the same.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @moduletag :slow

  for type <- [:set, :ordered_set, :bag] do
    test "a table of type #{type} is one of ETS" do
      type = unquote(type)
      seed = :rand.uniform(1_000_000)
      :rand.seed(:exsss, seed)
      steps = for _ <- 1..1500, do: step(type)
      tid = :ets.new(:steps, [type])
      wanted = Enum.map(steps, &shown(run(tid, type, &1)))
      file = Path.join(Program.folder(), "steps")
      File.write!(file, Enum.map(steps, &python/1))
      given = Program.lines!("tables/table/as_ets.py", args: [to_string(type), file])

      for {step, wanted, given} <- Enum.zip([steps, wanted, given]),
          do: assert({seed, step, given} == {seed, step, wanted})

      assert length(given) == length(steps)
    end
  end

  # A tuple of Python's, a line.
  defp python(step) do
    words = step |> Tuple.to_list() |> Enum.map_join(", ", &shown/1)
    "(#{words},)\n"
  end

  defp shown(term), do: inspect(term, charlists: :as_lists, limit: :infinity)

  defp step(type) do
    common = ~w(insert insert_new lookup member take delete size all above clear delete_object)
    single = if type == :bag, do: [], else: ~w(update_counter replace)
    ordered = if type == :ordered_set, do: ~w(first last next prev), else: []
    often = List.duplicate("insert", 8) ++ ["lookup"]

    case Enum.random(common ++ single ++ ordered ++ often) do
      "clear" -> if :rand.uniform(10) == 1, do: {"clear"}, else: {"size"}
      word when word in ~w(size all first last) -> {word}
      word when word in ~w(insert insert_new delete_object) -> {word, key(), value()}
      "update_counter" -> {"update_counter", key(), :rand.uniform(9) - 5}
      "replace" -> {"replace", key(), value(), value()}
      word -> {word, key()}
    end
  end

  defp key, do: :rand.uniform(30)
  defp value, do: :rand.uniform(4)

  defp run(tid, _, {"insert", key, value}), do: :ets.insert(tid, {key, value})
  defp run(tid, _, {"insert_new", key, value}), do: :ets.insert_new(tid, {key, value})
  defp run(tid, _, {"lookup", key}), do: :ets.lookup(tid, key)
  defp run(tid, _, {"member", key}), do: :ets.member(tid, key)
  defp run(tid, _, {"take", key}), do: :ets.take(tid, key)
  defp run(tid, _, {"delete", key}), do: :ets.delete(tid, key)
  defp run(tid, _, {"delete_object", key, value}), do: :ets.delete_object(tid, {key, value})
  defp run(tid, _, {"update_counter", key, n}), do: :ets.update_counter(tid, key, n, {key, 0})
  defp run(tid, _, {"size"}), do: :ets.info(tid, :size)
  defp run(tid, _, {"clear"}), do: :ets.delete_all_objects(tid)
  defp run(tid, _, {"all"}), do: tid |> :ets.tab2list() |> Enum.sort()

  defp run(tid, _, {"replace", key, old, new}),
    do: :ets.select_replace(tid, [{{key, old}, [], [{{key, new}}]}]) == 1

  defp run(tid, _, {"above", key}),
    do: tid |> :ets.select([{{:"$1", :_}, [{:>, :"$1", key}], [:"$1"]}]) |> Enum.sort()

  defp run(tid, _, {word, key}) when word in ["next", "prev"],
    do: tid |> beside(word, key) |> at_end()

  defp run(tid, _, {"first"}), do: tid |> :ets.first() |> at_end()
  defp run(tid, _, {"last"}), do: tid |> :ets.last() |> at_end()

  defp beside(tid, "next", key), do: :ets.next(tid, key)
  defp beside(tid, "prev", key), do: :ets.prev(tid, key)

  defp at_end(:"$end_of_table"), do: "end"
  defp at_end(key), do: key
end
