defmodule Rebeam.Observe.Program do
  @moduledoc false
  # Asks all nodes of the program the same. One that does not answer in time is left out.

  alias Rebeam.{Deadline, Native, Nodes}
  alias Rebeam.Units.Pool

  @typedoc "Of each unit that is up, what it is called, by its node and its interpreter's number."
  @type units :: %{{node, non_neg_integer} => String.t()}

  @doc "On the main node: what the function comes to on each node that answers, this one first."
  @spec ask(module, atom, list) :: [{node, term}]
  def ask(module, function, arguments) do
    deadline = Deadline.of(Nodes.patience())
    nodes = for {{node, 0}, _} <- units(), node != node(), not Nodes.busy?(node), do: node
    asked = for node <- nodes, do: {node, :erpc.send_request(node, module, function, arguments)}
    here = apply(module, function, arguments)

    [
      {node(), here}
      | for({node, request} <- asked, {:ok, told} <- [told(request, deadline)], do: {node, told})
    ]
  end

  defp told(request, deadline) do
    {:ok, :erpc.receive_response(request, Deadline.left(deadline))}
  catch
    _, _ -> :unknown
  end

  @doc "The units that are up."
  @spec units :: units
  def units, do: Map.new(Pool.units(), &unit/1)

  defp unit({"process", index, _, {:node, node}}), do: {{node, 0}, "process #{index}"}

  defp unit({"interpreter", index, _, {:interpreter, _, maker}}),
    do: {{node(), Native.interpreter_number(maker)}, "interpreter #{index}"}

  @doc "What the unit is called in which an actor of that node and interpreter is."
  @spec unit(units, node, non_neg_integer) :: String.t()
  def unit(units, node, interpreter), do: Map.get(units, {node, interpreter}, "shared")
end
