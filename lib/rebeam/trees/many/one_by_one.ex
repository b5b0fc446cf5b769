defmodule Rebeam.Trees.Many.OneByOne do
  @moduledoc false
  # The same of supervisors that take one child at a time: static ones, and Elixir's. Nobody waits for
  # a @start before the next one begins either. An entry is `{pid, place, child, made_from}`.

  alias Rebeam.Child.Starter
  alias Rebeam.Trees
  alias Rebeam.Trees.Children
  alias Rebeam.Units.StandIn

  @spec start(pid, Children.kind(), [{map, list}], [reference]) ::
          {:ok, [pid]} | {:failed, place :: pos_integer, reason :: term} | Children.error()
  def start(sup, kind, groups, handles) do
    items = for {child, each} <- groups, what <- each, do: {child, what}
    many = Starter.new_many(length(items))
    for {child, _} <- items, not Children.awaited?(child), do: Starter.started(many, 1)
    to = %{sup: sup, kind: kind, many: many, handles: handles}

    result =
      with {:ok, entries} <- items |> Children.named_all(sup, kind) |> add(1, [], to),
           {:ok, entries} <- settle(entries, to) do
        {:ok, for({pid, _, _, _} <- entries, do: StandIn.actor(pid))}
      else
        {:failed, entries, error} ->
          for {pid, _, child, _} <- Enum.reverse(entries),
              do: Children.remove(sup, kind, child["id"], pid)

          with {place, reason} <- error, do: {:failed, place, reason}
      end

    Starter.forget(many)
    result
  end

  defp add([], _place, entries, _to), do: {:ok, Enum.reverse(entries)}

  defp add([{child, what} | rest], place, entries, %{sup: sup, kind: kind, many: many} = to) do
    starter = Starter.of_many(many, place)

    case Children.add(sup, kind, child, &Trees.spec_of(&1, what, starter)) do
      {:ok, pid, child} -> add(rest, place + 1, [{pid, place, child, what} | entries], to)
      {:error, _, _} = error -> {:failed, Enum.reverse(entries), error}
      {:error, reason} -> {:failed, Enum.reverse(entries), {place, reason}}
    end
  end

  defp settle(entries, %{sup: sup, many: many} = to) do
    awaited = for {pid, place, child, _} <- entries, Children.awaited?(child), do: {pid, place}

    with nil <- Enum.find_value(entries, &fill(&1, to)),
         :ok <- Starter.await_many(many, awaited, sup, nil) do
      {:ok, entries}
    else
      {:failed, place, reason, _} -> again(List.keyfind!(entries, place, 1), reason, entries, to)
    end
  end

  # Supervisors start without their children.
  defp fill({pid, place, %{"tree" => %{"dynamic" => false} = tree}, _}, %{many: many} = to) do
    starter = Starter.of_many(many, place)

    with false <- Starter.started?(starter),
         :ok <- Children.fill(pid, tree["children"], to.handles) do
      Starter.tell(starter, {:ok, pid})
      nil
    else
      true -> nil
      {:error, reason} -> {:failed, place, reason, nil}
    end
  end

  defp fill(_entry, _to), do: nil

  # A sibling that failed has cut it off, perhaps, by the supervisor's strategy: that is known once the
  # supervisor has answered. Then it begins anew, alone.
  defp again({pid, place, child, what} = entry, reason, entries, %{kind: kind} = to) do
    Children.remove(to.sup, kind, child["id"], pid)

    with true <- Starter.wanted?(Starter.of_many(to.many, place)),
         make = &Trees.spec_of(&1, what, &2),
         {:ok, pid} <- Children.start_alone(to.sup, kind, child, to.handles, make) do
      Starter.settled(to.many, place)
      entries |> List.keyreplace(place, 1, {pid, place, child, what}) |> settle(to)
    else
      false -> {:failed, List.delete(entries, entry), {place, reason}}
      {:error, reason} -> {:failed, List.delete(entries, entry), {place, reason}}
      {:error, _, _} = error -> {:failed, List.delete(entries, entry), error}
    end
  end
end
