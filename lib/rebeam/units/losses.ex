defmodule Rebeam.Units.Losses do
  @moduledoc false
  # Which stand-in crashes when a unit is lost, so that its supervisor sees one crash: the one that
  # was started first of those that the supervisor has there. So what REST_FOR_ONE starts again
  # begins with the first child that was lost.

  @table __MODULE__

  # {{:kept, node, supervisor, order}, stand_in} and {{:told, node, supervisor}}.
  @spec new :: term
  def new, do: :ets.new(@table, [:named_table, :public, :ordered_set])

  @doc "A number for the calling stand-in, higher than that of all before it."
  @spec order :: pos_integer
  def order, do: System.unique_integer([:monotonic, :positive])

  @doc "The calling stand-in has its actor there."
  @spec keep(node, pid, pos_integer) :: true
  def keep(node, supervisor, order),
    do: :ets.insert(@table, {{:kept, node, supervisor, order}, self()})

  @spec keep_no_more(node, pid, pos_integer) :: true
  def keep_no_more(node, supervisor, order),
    do: :ets.delete(@table, {:kept, node, supervisor, order})

  @doc "Whether it is this stand-in by which the supervisor hears that the node is lost."
  @spec first?(node, pid, pos_integer) :: boolean
  def first?(node, supervisor, order) do
    first(node, supervisor, 0) == order and
      :ets.insert_new(@table, {{:told, node, supervisor}})
  end

  defp first(node, supervisor, after_order) do
    case :ets.next(@table, {:kept, node, supervisor, after_order}) do
      {:kept, ^node, ^supervisor, order} = key ->
        # One that was killed could not say that it ends.
        case :ets.lookup(@table, key) do
          [{_, stand_in}] when stand_in == self() -> order
          [{_, stand_in}] -> if Process.alive?(stand_in), do: order, else: drop(key)
          [] -> first(node, supervisor, order)
        end

      _ ->
        nil
    end
  end

  defp drop({:kept, node, supervisor, order} = key) do
    :ets.delete(@table, key)
    first(node, supervisor, order)
  end

  @doc "All who ask have asked."
  @spec forget(node) :: true
  def forget(node) do
    :ets.match_delete(@table, {{:kept, node, :_, :_}, :_})
    :ets.match_delete(@table, {{:told, node, :_}})
  end
end
