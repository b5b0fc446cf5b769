defmodule Rebeam.Trees.Many do
  @moduledoc false
  # Many children that start at once: all of them, or none.
  #
  #   started in their order, @start beside @start --all have--> their processes
  #          \--one fails, or is refused--> the others end again: why
  #
  # Python describes them in groups: what some have in common, and what each of them is made from, a
  # recipe's handle, a request, or for supervisors all handles. The place of one is its number among
  # all, from 1 on.

  alias Rebeam.{Bytes, Trees}
  alias Rebeam.Child.{DynamicServer, Starter}
  alias Rebeam.Trees.Children
  alias Rebeam.Trees.Many.OneByOne
  alias Rebeam.Units.StandIn

  @type group :: {child :: map, each :: [reference | binary | [reference]]}

  # So many are one message: their supervisor hears others in between.
  @at_once 1_000

  # There is a next one once no more than so many are still starting.
  @underway 2_000

  @doc """
  As `Rebeam.Trees.Children.start/4`, of all children of the groups, in which Python gives the index
  of a recipe's handle, or nothing for a supervisor.
  """
  @spec start(pid, Children.kind(), [{map, list}], [reference]) :: {:ok, [pid]} | Children.error()
  def start(sup, kind, described, handles) do
    recipes = List.to_tuple(handles)

    groups =
      for {child, each} <- described, do: {child, Enum.map(each, &made(&1, recipes, handles))}

    with nil <- Enum.find_value(groups, &refused(sup, kind, &1)) do
      ours? = kind == :dynamic and Children.ours?(sup)

      if ours?,
        do: all_at_once(sup, groups, handles),
        else: one_by_one(sup, kind, groups, handles)
    end
  end

  defp one_by_one(sup, kind, groups, handles) do
    with {:failed, place, reason} <- OneByOne.start(sup, kind, groups, handles),
         do: failed(place, reason, groups, count(groups))
  end

  defp made(%Bytes{data: request}, _recipes, _handles), do: request
  defp made(nil, _recipes, handles), do: handles
  defp made(recipe, recipes, _handles), do: elem(recipes, recipe)

  defp refused(sup, kind, {child, _}),
    do: with(:ok <- Children.startable(sup, kind, child), do: nil)

  defp all_at_once(sup, groups, handles) do
    count = count(groups)
    many = {alias, _, _} = Starter.new_many(count)

    for {child, each} <- groups,
        not Children.awaited?(child),
        do: Starter.started(many, length(each))

    result =
      with {:ok, pids} <- groups |> pieces() |> add(1, count, [], many, sup),
           :ok <- fill(trees(groups, pids), many, handles, pids),
           :ok <- Starter.await_many(many, [], sup, pids) do
        {:ok, seen(groups, pids)}
      else
        {:failed, place, reason, pids} ->
          DynamicServer.end_many(sup, pids, {__MODULE__, :of?, [alias]})
          failed(place, reason, groups, count)

        {:refused, error, pids} ->
          DynamicServer.end_many(sup, pids, {__MODULE__, :of?, [alias]})
          error
      end

    Starter.forget(many)
    result
  end

  defp count(groups), do: Enum.reduce(groups, 0, fn {_, each}, sum -> sum + length(each) end)

  # What Python is told of the child at that place, which did not start.
  defp failed(place, reason, groups, count) do
    {:error, "RuntimeError",
     "items[#{place - 1}] (#{label(groups, place)}) did not start, so none of #{count} did: " <>
       Starter.reason_text(reason)}
  end

  defp label([{child, each} | rest], place) do
    left = place - length(each)
    if left > 0, do: label(rest, left), else: child["id"]
  end

  # ---- the messages ------------------------------------------------------------------------------

  defp pieces(groups) do
    small =
      for {child, each} <- groups, some <- Enum.chunk_every(each, @at_once), do: {child, some}

    Enum.chunk_while(small, {[], 0}, &piece/2, fn {piece, _} ->
      {:cont, Enum.reverse(piece), nil}
    end)
  end

  defp piece({_, some} = group, {piece, count}) do
    count = count + length(some)

    if count > @at_once and piece != [],
      do: {:cont, Enum.reverse(piece), {[group], length(some)}},
      else: {:cont, {[group | piece], count}}
  end

  # `done`: the processes of the pieces before, the last one first.
  defp add([], _place, _left, done, _many, _sup), do: {:ok, in_order(done)}

  defp add([piece | rest], place, left, done, many, sup) do
    case DynamicServer.start_many(sup, {__MODULE__, :starts, [piece, place, many]}, left) do
      {:ok, pids} ->
        some = length(pids)
        if rest != [], do: Starter.await_most(many, place - 1 + some, @underway)
        add(rest, place + some, left - some, [pids | done], many, sup)

      {:failed, index, reason} ->
        {:failed, place + index, reason, in_order(done)}

      {:full, has} ->
        {:refused, Children.full(sup, has, left), in_order(done)}
    end
  end

  defp in_order(done), do: done |> Enum.reverse() |> Enum.concat()

  @doc "What starts the children of such groups, the first of them at that place."
  @spec starts([group], pos_integer, Starter.many()) :: [DynamicServer.start()]
  def starts(groups, place, many) do
    {starts, _} =
      Enum.flat_map_reduce(groups, place, fn {child, each}, place ->
        {Trees.starts(child, each, &Starter.of_many(many, place + &1)), place + length(each)}
      end)

    starts
  end

  @doc "Whether that start function is of one of those that start together."
  @spec of?(reference, term) :: boolean
  def of?(alias, {_, _, arguments}) when is_list(arguments),
    do: match?([{:starter, {^alias, _, _}} | _], List.last(arguments))

  def of?(_alias, _start), do: false

  # ---- what is left once the processes are there ---------------------------------------------------

  # Supervisors start without their children. `{pid, place, tree}` of each.
  defp trees(groups, pids) do
    if Enum.any?(groups, fn {child, _} -> static?(child) end) do
      children = for {child, each} <- groups, _ <- each, do: child
      places = Enum.zip([pids, Enum.with_index(children, 1)])
      for {pid, {child, place}} <- places, static?(child), do: {pid, place, child["tree"]}
    else
      []
    end
  end

  defp static?(child), do: match?(%{"tree" => %{"dynamic" => false}}, child)

  defp fill([], _many, _handles, _pids), do: :ok

  defp fill([{pid, place, tree} | rest], many, handles, pids) do
    case Children.fill(pid, tree["children"], handles) do
      :ok ->
        Starter.tell(Starter.of_many(many, place), {:ok, pid})
        fill(rest, many, handles, pids)

      {:error, reason} ->
        {:failed, place, reason, pids}
    end
  end

  # Actors in the place of those who stand for them.
  defp seen(groups, pids) do
    elsewhere? = fn {child, _} ->
      is_map_key(child, "isolation") and child["isolation"] == "process"
    end

    if Enum.any?(groups, elsewhere?), do: Enum.map(pids, &StandIn.actor/1), else: pids
  end
end
