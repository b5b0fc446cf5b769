defmodule Rebeam.Trees.Many do
  @moduledoc false
  # Many children that start at once: all of them, or none.
  #
  #   started in their order, @start beside @start --all have--> their processes
  #          \--one fails, or is refused--> the others end again: why
  #
  # Python describes them in groups: what some have in common, and what each of them is made from. Here
  # an item is `{child, what}`, with what it
  # is made from: a recipe's handle, a request, or for supervisors all handles; its place is its number among all, from 1 on.

  alias Rebeam.{Bytes, Trees}
  alias Rebeam.Child.Starter
  alias Rebeam.Trees.{Children, DynamicServer}
  alias Rebeam.Units.StandIn

  @typedoc "What each is made from: the index of its recipe's handle, its request, or nothing."
  @type group :: {child :: map, each :: [non_neg_integer | Bytes.t() | nil]}

  # So many are one message: their supervisor hears others in between.
  @at_once 5_000

  @doc "As `Rebeam.Trees.Children.start/4`, of all children of the groups."
  @spec start(pid, Children.kind(), [group], [reference]) :: {:ok, [pid]} | Children.error()
  def start(sup, kind, groups, handles) do
    recipes = List.to_tuple(handles)
    items = for {child, each} <- groups, one <- each, do: {child, what(one, recipes, handles)}

    with :ok <- each_ok(groups, fn {child, _} -> Children.startable(sup, kind, child) end) do
      many = Starter.new_many(length(items))
      Starter.started(many, Enum.count(items, &(not awaited?(&1))))
      result = start_items(items, many, %{sup: sup, kind: kind})
      Starter.forget(many)
      result
    end
  end

  # A supervisor's children refer to all handles.
  defp what(%Bytes{data: request}, _recipes, _handles), do: request
  defp what(nil, _recipes, handles), do: handles
  defp what(recipe, recipes, _handles), do: elem(recipes, recipe)

  defp each_ok(list, fun), do: Enum.find_value(list, :ok, &with(:ok <- fun.(&1), do: nil))

  # A function has started when its process has, and a dynamic supervisor too.
  defp awaited?({%{"kind" => "run"}, _}), do: false
  defp awaited?({%{"tree" => %{"dynamic" => true}}, _}), do: false
  defp awaited?(_item), do: true

  defp start_items(items, many, %{sup: sup, kind: kind} = to) do
    added =
      if kind == :dynamic and Children.ours?(sup),
        do: add_pieces(items, many, sup),
        else: add_each(items, many, to)

    with {:ok, entries} <- added,
         {:ok, entries} <- settle(entries, many, to) do
      {:ok, for({pid, _, _} <- entries, do: StandIn.actor(pid))}
    else
      {:failed, entries, error} ->
        abort(entries, many, to)
        error(error, items)
    end
  end

  defp error({_type, _exception, _text} = error, _items), do: error

  defp error({place, reason}, items) do
    {child, _} = Enum.at(items, place - 1)

    {:error, "RuntimeError",
     "items[#{place - 1}] (#{child["id"]}) did not start, so none of #{length(items)} did: " <>
       Starter.reason_text(reason)}
  end

  # ---- adding: an entry is `{pid, place, item}` -------------------------------------------------

  defp add_pieces(items, many, sup) do
    items
    |> Enum.chunk_every(@at_once)
    |> Enum.reduce_while({[], 1, length(items)}, &add_piece(&1, &2, many, sup))
    |> case do
      {:failed, _, _} = failed -> failed
      {entries, _, _} -> {:ok, Enum.reverse(entries)}
    end
  end

  defp add_piece(items, {entries, place, left}, many, sup) do
    maker = {__MODULE__, :specifications, [grouped(items), place, many]}

    case DynamicServer.start_many(sup, maker, left) do
      {:ok, pids} ->
        some = length(pids)
        {:cont, {entered(pids, items, place, entries), place + some, left - some}}

      {:failed, index, reason} ->
        {:halt, {:failed, entries, {place + index, reason}}}

      {:full, has} ->
        {:halt, {:failed, entries, Children.full(sup, has, left)}}
    end
  end

  # What they have in common is once in a message.
  defp grouped(items) do
    for [{child, _} | _] = some <- Enum.chunk_by(items, &elem(&1, 0)),
        do: {child, for({_, what} <- some, do: what)}
  end

  defp entered([], [], _place, entries), do: entries

  defp entered([pid | pids], [item | items], place, entries),
    do: entered(pids, items, place + 1, [{pid, place, item} | entries])

  @doc "The child specifications of such groups, the first of them at that place."
  @spec specifications([{map, list}], pos_integer, Starter.many()) :: [map]
  def specifications(groups, place, many) do
    {specifications, _} =
      Enum.flat_map_reduce(groups, place, fn {child, each}, place ->
        {Trees.specs(child, each, &Starter.of_many(many, place + &1)), place + length(each)}
      end)

    specifications
  end

  # To supervisors that take one at a time.
  defp add_each(items, many, %{sup: sup, kind: kind}) do
    items
    |> Children.named_all(sup, kind)
    |> Enum.reduce_while({[], 1}, fn {child, what}, {entries, place} ->
      starter = Starter.of_many(many, place)

      case Children.add(sup, kind, child, &Trees.spec_of(&1, what, starter)) do
        {:ok, pid, child} -> {:cont, {[{pid, place, {child, what}} | entries], place + 1}}
        {:error, _, _} = error -> {:halt, {:failed, entries, error}}
        {:error, reason} -> {:halt, {:failed, entries, {place, reason}}}
      end
    end)
    |> case do
      {:failed, _, _} = failed -> failed
      {entries, _} -> {:ok, Enum.reverse(entries)}
    end
  end

  # ---- what is left once the processes are there ------------------------------------------------

  defp settle(entries, many, to) do
    awaited = for {pid, place, item} <- entries, awaited?(item), do: {pid, place}

    with :ok <- each_ok(entries, &fill(&1, many)),
         :ok <- Starter.await_many(many, awaited, to.sup) do
      {:ok, entries}
    else
      {:error, 0, reason} ->
        exit({reason, {__MODULE__, :start, [to.sup]}})

      {:error, place, reason} ->
        again(List.keyfind!(entries, place, 1), reason, entries, many, to)
    end
  end

  # Supervisors start without their children.
  defp fill({pid, place, {%{"tree" => %{"dynamic" => false} = tree}, handles}}, many) do
    starter = Starter.of_many(many, place)

    with false <- Starter.started?(starter),
         :ok <- Children.fill(pid, tree["children"], handles) do
      Starter.tell(starter, {:ok, pid})
      :ok
    else
      true -> :ok
      {:error, reason} -> {:error, place, reason}
    end
  end

  defp fill(_entry, _many), do: :ok

  # A sibling that failed has cut it off, by the supervisor's strategy: it begins anew, alone.
  defp again({pid, place, {child, what}} = entry, reason, entries, many, %{kind: kind} = to) do
    with true <- Starter.wanted?(Starter.of_many(many, place)),
         Children.remove(to.sup, kind, child["id"], pid),
         handles = if(is_list(what), do: what, else: []),
         make = &Trees.spec_of(&1, what, &2),
         {:ok, pid} <- Children.start_alone(to.sup, kind, child, handles, make) do
      Starter.settled(many, place)
      entries |> List.keyreplace(place, 1, {pid, place, {child, what}}) |> settle(many, to)
    else
      false -> {:failed, entries, {place, reason}}
      {:error, reason} -> {:failed, List.delete(entries, entry), {place, reason}}
      {:error, _, _} = error -> {:failed, List.delete(entries, entry), error}
    end
  end

  # ---- when one did not start -------------------------------------------------------------------

  defp abort(entries, {alias, _, _}, %{sup: sup, kind: kind}) do
    if kind == :dynamic and Children.ours?(sup) do
      pids = for {pid, _, _} <- entries, do: pid
      DynamicServer.end_many(sup, pids, {__MODULE__, :of?, [alias]})
    else
      for {pid, _, {child, _}} <- Enum.reverse(entries),
          do: Children.remove(sup, kind, child["id"], pid)
    end
  end

  @doc "Whether that start function is of one of those that start together."
  @spec of?(reference, term) :: boolean
  def of?(alias, start), do: match?({^alias, _, _}, Trees.options(start)[:starter])
end
