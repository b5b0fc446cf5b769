defmodule Rebeam.Units.Losses do
  @moduledoc false
  # Which stand-in crashes when a unit is lost, so that its supervisor sees one crash: the one that
  # was started first of those that the supervisor has there. So what REST_FOR_ONE starts again
  # begins with the first child that was lost.
  #
  # What is lost is a unit, or all those of a worker machine at once: a *place* is a unit of this host, by
  # its node, or a machine for as long as it has joined.

  @table __MODULE__

  # {{:kept, place, supervisor, order}, stand_in, node} and {{:told, lost, supervisor}}.

  @type place :: node | {node, joined :: integer}
  @type lost :: {:unit, node} | {:machine, place}
  @spec new :: term
  def new, do: :ets.new(@table, [:named_table, :public, :ordered_set])

  @doc "A number for the calling stand-in, higher than that of all before it."
  @spec order :: pos_integer
  def order, do: System.unique_integer([:monotonic, :positive])

  @doc "The calling stand-in has its actor on that node, which is of that place."
  @spec keep(place, node, pid, pos_integer) :: true
  def keep(place, node, supervisor, order),
    do: :ets.insert(@table, {{:kept, place, supervisor, order}, self(), node})

  @spec keep_no_more(place, pid, pos_integer) :: true
  def keep_no_more(place, supervisor, order),
    do: :ets.delete(@table, {:kept, place, supervisor, order})

  @doc "Whether it is this stand-in by which the supervisor hears of the loss."
  @spec first?(lost, place, pid, pos_integer) :: boolean
  def first?(lost, place, supervisor, order) do
    first(lost, place, supervisor, 0) == order and
      :ets.insert_new(@table, {{:told, lost, supervisor}})
  end

  defp first(lost, place, supervisor, after_order) do
    with {:kept, ^place, ^supervisor, order} = key <-
           :ets.next(@table, {:kept, place, supervisor, after_order}) do
      case :ets.lookup(@table, key) do
        [{_, stand_in, node}] ->
          if lost in [{:unit, node}, {:machine, place}] and here?(key, stand_in),
            do: order,
            else: first(lost, place, supervisor, order)

        [] ->
          first(lost, place, supervisor, order)
      end
    else
      _ -> nil
    end
  end

  # One that was killed could not say that it ends.
  defp here?(_key, stand_in) when stand_in == self(), do: true
  defp here?(key, stand_in), do: Process.alive?(stand_in) or (:ets.delete(@table, key) and false)

  @doc "All who ask have asked."
  @spec forget(lost) :: true
  def forget({_, place} = lost) do
    :ets.match_delete(@table, {{:told, lost, :_}})
    :ets.match_delete(@table, {{:kept, place, :_, :_}, :_, :_})
  end
end
