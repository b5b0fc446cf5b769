defmodule Rebeam.Tables.Filter do
  @moduledoc false
  # Guards of a match specification for what python/rebeam/_table_conditions.py makes of an expression.
  # They leave out rows only that surely do not match: where Erlang's terms do not tell, as of objects,
  # a row passes, and Python decides.

  alias Rebeam.Tables.{Order, Rows}
  alias Rebeam.Value.Key

  @doc "The guards, on key (`$1`) and value (`$2`)."
  @spec guards(term, Rows.type()) :: list
  def guards(nil, _type), do: []
  def guards(condition, type), do: [guard(condition, type)]

  defp guard(true, _type), do: true
  defp guard({"all", conditions}, type), do: join(:andalso, conditions, type)
  defp guard({"any", conditions}, type), do: join(:orelse, conditions, type)

  defp guard({operand, kind, comparison, constant, wanted?}, type) do
    {term, untold, number, constant} = operand(operand, type, Key.received(constant))
    compared = {comparison(comparison), term, {:const, constant}}
    true? = {:andalso, {if(kind == "text", do: :is_binary, else: number), term}, compared}
    {:orelse, untold, if(wanted?, do: true?, else: {:not, true?})}
  end

  defp join(how, conditions, type),
    do: List.to_tuple([how | Enum.map(conditions, &guard(&1, type))])

  # The term, what does not tell, what a number is, and what to compare with.
  defp operand("value", _type, constant),
    do: {:"$2", {:orelse, {:is_list, :"$2"}, {:is_atom, :"$2"}}, :is_number, constant}

  defp operand("key", :ordered_set, constant),
    do: {:"$1", {:is_tuple, :"$1"}, :is_list, Order.place(:ordered_set, constant)}

  defp operand("key", _type, constant),
    do: {:"$1", {:orelse, {:is_list, :"$1"}, {:is_tuple, :"$1"}}, :is_number, constant}

  defp comparison("<"), do: :<
  defp comparison("<="), do: :"=<"
  defp comparison(">"), do: :>
  defp comparison(">="), do: :>=
  defp comparison("=="), do: :==
end
