defmodule Rebeam.Observe.Tree do
  @moduledoc false
  # The supervision trees of the program, as they are now. A supervisor that starts or ends a child
  # does not answer meanwhile: then the children are those that it has links to.

  alias Rebeam.{Names, Nodes, Trees}
  alias Rebeam.Child.{Lineage, Restarts}
  alias Rebeam.Observe.Actors
  alias Rebeam.Units.StandIn

  # How long a supervisor gets to answer, in milliseconds.
  @patience 500

  # The children of all supervisors, while they are gone through.
  @seen {__MODULE__, :seen}

  @typedoc """
  A supervisor, with its first children and how many it has, or a child: `id`, `pid` (nil if it does
  not run), `state` (`:running`, `:restarting`, `:stopped`, or `:busy` of a supervisor that does not
  answer). Of an actor also its row (`Rebeam.Observe.Actors`), else nil.
  """
  @type entry :: %{atom => term}

  @doc "The trees that scripts made, then what was started outside of them; at most so many children each."
  @spec trees(pos_integer) :: [entry]
  def trees(limit) do
    Process.put(@seen, MapSet.new())
    entries = Enum.flat_map(roots(), &root(&1, limit))
    rows = entries |> Enum.flat_map(&workers/1) |> Actors.of() |> Map.new(&{&1.pid, &1})
    Enum.map(entries, &with_rows(&1, rows)) ++ others(Process.delete(@seen), limit)
  end

  # What is in no tree of a script's, by who has started it.
  defp others(seen, limit) do
    groups = seen |> Actors.outside() |> Enum.group_by(& &1.supervisor)

    for {supervisor, rows} <- Enum.sort(groups) do
      children = for row <- Enum.take(rows, limit), do: other(row)

      %{
        id: starter(supervisor),
        pid: supervisor,
        type: :supervisor,
        state: :running,
        strategy: nil,
        restarts: 0,
        count: length(rows),
        children: children
      }
    end
  end

  defp other(row),
    do: %{
      worker(row.id || row.class || "function", row.pid, :worker, :running, row.restarts)
      | actor: row
    }

  defp starter(nil), do: "nobody"

  defp starter(pid) do
    case Nodes.process_info(pid, [:registered_name]) do
      [registered_name: Rebeam.Processes] -> "run_register_process"
      [registered_name: Rebeam.Tasks.Spawned] -> "spawned functions and tasks"
      [registered_name: name] when is_atom(name) -> inspect(name)
      _ -> inspect(pid)
    end
  end

  # The oldest first.
  defp roots, do: Names.hosts() |> Enum.map(&elem(&1, 0)) |> Enum.sort()

  defp root(host, limit) do
    for pid <- Lineage.started(host), do: supervisor(pid, nil, limit)
  end

  defp supervisor(pid, id, limit) do
    {state, children} = children(pid)
    see(children)
    strategy = Lineage.strategy(pid)
    children = if strategy == :dynamic, do: Enum.sort_by(children, &elem(&1, 1)), else: children

    {shown, others} = Enum.split(children, limit)
    for {_, other, :supervisor, _} <- others, is_pid(other), do: pass(other)

    about =
      shown
      |> Enum.map(&elem(&1, 1))
      |> Enum.filter(&is_pid/1)
      |> Lineage.about_all()

    %{
      id: id || name(pid) || "supervisor",
      pid: pid,
      type: :supervisor,
      state: state,
      strategy: strategy,
      restarts: Restarts.of(pid),
      count: length(children),
      children: for(child <- shown, do: child(child, about, limit))
    }
  end

  # What is below one that is not told of is in its tree all the same.
  defp pass(pid) do
    {_state, children} = children(pid)
    see(children)
    for {_, child, :supervisor, _} <- children, is_pid(child), do: pass(child)
  end

  defp see(children) do
    seen = for {_, child, _, _} <- children, is_pid(child), into: Process.get(@seen), do: child
    Process.put(@seen, seen)
  end

  defp child({id, pid, :supervisor, _}, _about, limit) when is_pid(pid),
    do: supervisor(pid, text(id), limit)

  defp child({id, pid, type, _}, about, _limit) when is_pid(pid) do
    {label, note} = Map.get(about, pid, {nil, nil})
    shown = if id == :undefined, do: label || "child", else: text(id)
    state = if note == :backing_off, do: :restarting, else: :running
    worker(shown, StandIn.actor(pid), type, state, Restarts.of(pid))
  end

  defp child({id, :restarting, type, _}, _about, _limit),
    do: worker(text(id), nil, type, :restarting, 0)

  defp child({id, :undefined, type, _}, _about, _limit),
    do: worker(text(id), nil, type, :stopped, 0)

  defp worker(id, pid, type, state, restarts),
    do: %{id: id, pid: pid, type: type, state: state, restarts: restarts, actor: nil}

  defp name(pid), do: List.first(Names.names_of(pid))

  defp text(id) when is_binary(id), do: id
  defp text(id), do: inspect(id)

  defp children(pid) do
    {:running, pid |> GenServer.call(:which_children, @patience) |> in_order(pid)}
  catch
    :exit, _ ->
      {:busy, for(child <- Lineage.started(pid), do: {:undefined, child, kind(child), []})}
  end

  # OTP's list is from the last one to the first.
  defp in_order(children, pid),
    do: if(Lineage.strategy(pid) == :dynamic, do: children, else: Enum.reverse(children))

  defp kind(pid) do
    case :proc_lib.translate_initial_call(pid) do
      {:supervisor, module, 1} when module in [Trees.Static, Trees.Dynamic] -> :supervisor
      _ -> :worker
    end
  end

  defp workers(%{children: children}), do: Enum.flat_map(children, &workers/1)
  defp workers(%{pid: pid}), do: if(pid, do: [pid], else: [])

  defp with_rows(%{children: children} = entry, rows),
    do: %{entry | children: Enum.map(children, &with_rows(&1, rows))}

  defp with_rows(entry, rows), do: %{entry | actor: rows[entry.pid]}
end
