defmodule Rebeam.Nodes do
  @moduledoc false
  # The nodes of one program: the *main* node, on which it was started, and its units that are
  # nodes. Supervisors, names and what Python starts at run time are on the main node; what
  # happens in a unit asks there.

  @main {__MODULE__, :main}

  @doc "The node that the program was started on: this one, unless it is a unit."
  @spec main :: node
  def main, do: :persistent_term.get(@main, node())

  @doc "True on the main node."
  @spec main? :: boolean
  def main?, do: :persistent_term.get(@main, nil) == nil

  @doc "In a unit that is a node: whose it is."
  @spec be_unit_of(node) :: :ok
  def be_unit_of(node), do: :persistent_term.put(@main, node)

  @doc "Runs a function on the main node. Raises what it raises."
  @spec on_main(module, atom, list) :: term
  def on_main(module, function, arguments) do
    if main?(),
      do: apply(module, function, arguments),
      else: :erpc.call(main(), module, function, arguments)
  end

  @doc "Runs a function on the node of a process. Raises what it raises."
  @spec on_node_of(pid, module, atom, list) :: term
  def on_node_of(pid, module, function, arguments) when node(pid) == node(),
    do: apply(module, function, arguments)

  def on_node_of(pid, module, function, arguments),
    do: :erpc.call(node(pid), module, function, arguments)

  @doc "What `Process.info/2` says of a process on whichever node; nil also if that is gone."
  @spec process_info(pid, [atom]) :: keyword | nil
  def process_info(pid, items) do
    on_node_of(pid, Process, :info, [pid, items])
  catch
    _, _ -> nil
  end
end
