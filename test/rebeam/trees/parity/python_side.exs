defmodule Parity.PythonSide do
  @moduledoc false
  # Supervisors and children declared in Python (driver.py). The results are the words that
  # Python's exceptions begin with.

  def begin(collector, way) do
    {:ok, driver} = Rebeam.call("parity", "driver", [collector, way])
    %{driver: driver, way: way, sup: nil, dynamic?: false}
  end

  def start(state, tree) do
    case ask(state, "tree", plain(tree)) do
      sup when is_pid(sup) -> {"ok", %{state | sup: sup, dynamic?: tree.dynamic}}
      word -> {word, state}
    end
  end

  # As its parent does it.
  def shutdown(state) do
    {:dictionary, dictionary} = Process.info(state.sup, :dictionary)
    [parent | _] = dictionary[:"$ancestors"]

    if state.way == "declared",
      do: DynamicSupervisor.terminate_child(Rebeam.Processes, parent),
      else: DynamicSupervisor.terminate_child(parent, state.sup)
  end

  def crash(_state, pid), do: Rebeam.cast(pid, "crash", nil)
  def finish(_state, pid), do: Rebeam.cast(pid, "finish", nil)

  def start_child(state, child), do: ask(state, "start_child", plain(child))
  def terminate(%{dynamic?: true} = state, _id, pid), do: ask(state, "terminate_child", pid)
  def terminate(state, id, _pid), do: ask(state, "terminate_child", id)
  def restart(state, id), do: ask(state, "restart_child", id)
  def delete(state, id), do: ask(state, "delete_child", id)

  def which(state) do
    lines = ask(state, "which_children", nil)
    # OTP's dynamic supervisors do not know ids.
    if state.dynamic?, do: Enum.map(lines, &String.replace(&1, ~r/^\S+/, "-")), else: lines
  end

  def count(state), do: ask(state, "count_children", nil)

  defp ask(state, verb, argument) do
    {:ok, answer} = Rebeam.call(state.driver, verb, argument, 20_000)
    answer
  end

  defp plain(map) when is_map(map),
    do: Map.new(map, fn {key, value} -> {"#{key}", plain(value)} end)

  defp plain(list) when is_list(list), do: Enum.map(list, &plain/1)
  defp plain(atom) when is_atom(atom) and atom not in [nil, true, false], do: Atom.to_string(atom)
  defp plain(other), do: other
end
