defmodule Rebeam.Tables.Filter do
  @moduledoc false
  # Guards of a match specification for what python/rebeam/_table_conditions.py makes of an expression.
  # They leave out rows only that surely do not match: where Erlang's terms do not tell, as of objects,
  # a row passes, and Python decides.

  alias Rebeam.Tables.Key

  @doc "The guards, on key (`$1`) and value (`$2`)."
  @spec guards(term) :: list
  def guards(nil), do: []
  def guards(condition), do: [guard(condition)]

  defp guard(true), do: true
  defp guard({"all", conditions}), do: join(:andalso, conditions)
  defp guard({"any", conditions}), do: join(:orelse, conditions)

  defp guard({"same", form, true}), do: {:"=:=", :"$1", {:const, Key.received(form)}}
  defp guard({"same", form, false}), do: {:"=/=", :"$1", {:const, Key.received(form)}}

  defp guard({operand, kind, comparison, constant, wanted?}) do
    {term, untold} = operand(operand)
    compared = {comparison(comparison), term, {:const, Key.received(constant)}}
    true? = {:andalso, {kind(kind), term}, compared}
    {:orelse, untold, if(wanted?, do: true?, else: {:not, true?})}
  end

  defp join(how, conditions), do: List.to_tuple([how | Enum.map(conditions, &guard/1)])

  defp operand("key"), do: {:"$1", {:orelse, {:is_list, :"$1"}, {:is_tuple, :"$1"}}}
  defp operand("value"), do: {:"$2", {:orelse, {:is_list, :"$2"}, {:is_atom, :"$2"}}}

  defp kind("number"), do: :is_number
  defp kind("text"), do: :is_binary

  defp comparison("<"), do: :<
  defp comparison("<="), do: :"=<"
  defp comparison(">"), do: :>
  defp comparison(">="), do: :>=
  defp comparison("=="), do: :==
end
