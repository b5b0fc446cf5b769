defmodule Rebeam.Operation.Children do
  @moduledoc false
  # Children at run time: python/rebeam/_children.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Names, Nodes, Operation, Output, Processes, PythonError, Trees}
  alias Rebeam.Child.{DynamicServer, Lineage}
  alias Rebeam.Log.Filter
  alias Rebeam.Trees.{Children, Many}

  import Rebeam.Operation.Asker, only: [takes_signals: 1]

  # How long the start of an actor on another program's node may take, in milliseconds.
  @start_limit 60_000
  @starts ~w(start start_many run restart)

  # Supervisors are on the main node.
  @impl true
  def perform(verb, arguments, asker) when verb in @starts do
    if Nodes.draining?(), do: emptied(), else: start(verb, arguments, asker)
  end

  def perform(verb, arguments, asker), do: perform_later(verb, arguments, asker)

  defp start("start", [target, child], asker) do
    case quickly(target, child, asker) do
      {:ok, sup} -> start_quickly(sup, target, child, asker.handles)
      nil -> perform_later("start", [target, child], asker)
    end
  end

  defp start(verb, arguments, asker), do: perform_later(verb, arguments, asker)

  # A dynamic supervisor of Python's answers by itself who is no thread, and whom nothing waits for.
  defp quickly(target, %{"kind" => "actor"} = child, asker)
       when takes_signals(asker) and not is_map_key(child, "request") do
    with false <- child["significant"] or child["once"] == true or Lineage.awaited?(),
         {:ok, sup} <- Names.find(target, :living),
         true <- is_pid(sup) and DynamicServer.here?(sup),
         do: {:ok, sup},
         else: (_ -> nil)
  end

  defp quickly(_target, _child, _asker), do: nil

  defp start_quickly(sup, target, child, handles) do
    specification = Trees.spec(child, handles)

    {:ask, sup, &DynamicServer.start_for(sup, &1, specification),
     &{:error, "LookupError", "the supervisor #{Children.show(target)} ended: #{&1}"}}
  end

  defp perform_later(verb, arguments, asker) do
    lineage = {asker.pid, Process.get(:"$ancestors", [])}
    {:later, fn -> on_main(verb, arguments, asker.handles, {lineage, Output.leader()}) end}
  end

  defp on_main(verb, arguments, handles, origin) do
    if Nodes.main?(),
      do: perform(verb, arguments, handles, origin),
      else: Nodes.on_main(__MODULE__, :perform_for, [verb, arguments, origin], :infinity)
  end

  @doc "The same for an actor of a unit, to its end."
  @spec perform_for(String.t(), [term], {{pid, [pid | atom]}, leader :: pid | nil}) ::
          {:ok, term} | {:error, String.t(), String.t()}
  def perform_for(verb, arguments, origin) when verb in @starts do
    if Nodes.draining?(), do: emptied(), else: finish(verb, arguments, origin)
  end

  def perform_for(verb, arguments, origin), do: finish(verb, arguments, origin)

  defp finish(verb, arguments, origin),
    do: Operation.finish("children." <> verb, fn -> perform(verb, arguments, [], origin) end)

  defp emptied,
    do: {:error, "RuntimeError", "this node is being emptied: nothing new starts here"}

  # Ends what `run` started, once its shutdown is over. False if it is gone.
  defp perform("stop", [pid], _, _),
    do: {:later, fn -> {:ok, Trees.Processes.stop(pid) == :ok} end}

  defp perform("gave_up", [pid], _, _) do
    why = with {child, reason} <- Filter.gave_up(pid), do: {:gave_up, child, reason}
    {:ok, why && PythonError.reason_text(why)}
  end

  defp perform("run", [child], handles, {lineage, leader}) do
    unless_it_waits(Process.whereis(Processes), lineage, fn ->
      with :ok <- Children.placeable(child),
           {:ok, pid} <- Trees.Processes.start(child, handles, leader, script(lineage)) do
        {:ok, pid}
      else
        {:error, reason} -> {:error, "RuntimeError", PythonError.start_error(reason)}
        {:error, _, _} = error -> error
      end
    end)
  end

  # As a child of that program's, of which nobody here waits for anybody there.
  defp perform("run_on", [node, child], _handles, {{pid, _ancestors}, _leader}) do
    {:later,
     fn ->
       node = String.to_existing_atom(node)
       Nodes.ask(node, __MODULE__, :perform_for, ["run", [child], {{pid, []}, nil}], @start_limit)
     end}
  end

  defp perform(verb, [target | arguments], handles, {lineage, _leader}) do
    unless_it_waits(target, lineage, fn -> ask(verb, target, arguments, handles) end)
  end

  defp script({process, ancestors}), do: Names.script([process | ancestors])

  # What waits for this actor would never answer it.
  defp unless_it_waits(supervisor, lineage, fun) do
    if waits_for?(supervisor, lineage) do
      {:error, "RuntimeError",
       "the supervisor #{Children.show(supervisor)} waits for this actor to start or to end, " <>
         "so it cannot answer: ask it from a handler, not from within @start or @stop"}
    else
      {:later, fun}
    end
  end

  # A name on another node is nobody that waits for a process of this one.
  defp waits_for?({_name, _node}, _lineage), do: false
  defp waits_for?(nil, _lineage), do: false

  defp waits_for?(target, {process, ancestors}) do
    case Names.resolve(target) do
      {:ok, pid} when is_pid(pid) -> Lineage.waits_for?(pid, process, ancestors)
      _ -> false
    end
  end

  defp ask(verb, target, arguments, handles) do
    with {:ok, sup, kind} <- Children.supervisor(target) do
      Nodes.while_answering(node(sup), fn -> ask(verb, sup, kind, arguments, handles) end)
    end
  catch
    :error, {:erpc, :timeout} ->
      Children.no_answer(target)

    :error, {:erpc, reason} ->
      {:error, "LookupError", "#{reason}: no supervisor #{Children.show(target)}"}

    :exit, {reason, {_module, _function, _arguments}} ->
      reason = PythonError.reason_text(reason)
      {:error, "LookupError", "the supervisor #{Children.show(target)} ended: #{reason}"}
  end

  defp ask("start", sup, kind, [child], handles), do: Children.start(sup, kind, child, handles)

  defp ask("start_many", sup, kind, [groups], handles),
    do: Many.start(sup, kind, groups, handles)

  defp ask("terminate", sup, kind, [child], _), do: Children.terminate(sup, kind, child)
  defp ask("restart", sup, kind, [child], _), do: Children.restart(sup, kind, child)
  defp ask("delete", sup, kind, [child], _), do: Children.delete(sup, kind, child)
  defp ask("which", sup, kind, [], _), do: Children.which(sup, kind)
  defp ask("count", sup, _kind, [], _), do: Children.count(sup)
end
