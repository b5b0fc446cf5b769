defmodule Rebeam.Observe.Waits do
  @moduledoc false
  # Who waits for an answer of whom. The native part knows whom a run has called in its own VM; of
  # other calls (to another node, of asynchronous code, of a thread) the process knows that acts for
  # the code, and is asked. One that does not answer at once is left out.

  alias Rebeam.{Deadline, Names, Native}
  alias Rebeam.Actor.Clients
  alias Rebeam.Observe.{Actors, Program, Survey}
  alias Rebeam.Units.StandIn

  # How long processes get to answer, in milliseconds.
  @patience 500

  @typedoc """
  `waiter` waits for `target` since so many seconds. Both are rows of `Actors`, or `%{pid: pid}` for
  other processes; `cycle` if the target, or whom that waits for, waits for the waiter.
  """
  @type wait :: %{waiter: map, target: map, since: float, cycle: boolean}

  @doc "The first `limit` waits of the program: those in cycles, then the longest."
  @spec list(pos_integer) :: [wait]
  def list(limit) do
    edges = for {_, told} <- Program.ask(__MODULE__, :here, []), edge <- told, do: resolve(edge)
    cycles = cycles(edges)
    known = edges |> Enum.flat_map(&[&1.waiter, &1.target]) |> Enum.uniq() |> rows()

    edges
    |> Enum.filter(&(not &1.helped? or is_map_key(known, &1.target)))
    |> Enum.map(
      &Map.put(&1, :cycle, cycles[&1.waiter] != nil and cycles[&1.waiter] == cycles[&1.target])
    )
    |> Enum.sort_by(&{not &1.cycle, -&1.since})
    |> Enum.take(limit)
    |> Enum.map(fn edge ->
      edge
      |> Map.delete(:helped?)
      |> Map.merge(%{waiter: row(known, edge.waiter), target: row(known, edge.target)})
    end)
  end

  # A name is whose it is now.
  defp resolve(%{target: pid} = edge) when is_pid(pid), do: %{edge | target: StandIn.actor(pid)}

  defp resolve(%{target: target} = edge) do
    with {:ok, pid} <- Names.find(target), do: %{edge | target: pid}, else: (_ -> edge)
  end

  defp rows(targets),
    do: targets |> Enum.filter(&is_pid/1) |> Actors.of() |> Map.new(&{&1.pid, &1})

  defp row(known, pid) when is_map_key(known, pid), do: known[pid]
  defp row(_known, pid) when is_pid(pid), do: %{pid: pid}
  defp row(_known, name), do: %{pid: nil, name: inspect(name)}

  # The number of the cycle of each process that is in one.
  defp cycles(edges) do
    graph = :digraph.new()

    for %{waiter: from, target: to} <- edges do
      for each <- [from, to], do: :digraph.add_vertex(graph, each)
      :digraph.add_edge(graph, from, to)
    end

    components = :digraph_utils.cyclic_strong_components(graph)
    :digraph.delete(graph)

    for {members, number} <- Enum.with_index(components),
        each <- members,
        into: %{},
        do: {each, number}
  end

  # ---- on each node -------------------------------------------------------------------------

  @doc false
  def here do
    {current, _, _} = Survey.get()
    waiting = Native.survey_rows(current, nil, nil, 10_000_000)
    {known, asked} = Enum.split_with(waiting, &known?/1)
    pids = for(row <- asked, do: elem(row, 0)) ++ Clients.pids()
    Enum.flat_map(known, &edge/1) ++ ask(pids)
  end

  # Of the row, target and branches.
  defp known?(row), do: elem(row, 6) != nil and elem(row, 14) == 0

  defp edge(row),
    do: [
      %{waiter: elem(row, 0), target: elem(row, 6), since: elem(row, 7) / 1.0e9, helped?: false}
    ]

  defp ask(pids) do
    Task.await(
      Task.async(fn ->
        asked = for pid <- pids, into: %{}, do: {ask_one(pid), pid}
        collect(asked, Deadline.of(@patience))
      end)
    )
  end

  defp ask_one(pid) do
    reference = make_ref()
    send(pid, {:"$rebeam", :waits, self(), reference})
    reference
  end

  defp collect(asked, _deadline) when asked == %{}, do: []

  defp collect(asked, deadline) do
    receive do
      {reference, told} when is_map_key(asked, reference) ->
        {waiter, asked} = Map.pop!(asked, reference)
        Enum.flat_map(told, &told(&1, waiter)) ++ collect(asked, deadline)
    after
      Deadline.left(deadline) -> []
    end
  end

  defp told({:call, target, milliseconds}, waiter),
    do: [%{waiter: waiter, target: target, since: milliseconds / 1000, helped?: false}]

  # It watches whom it waits for, and its waiter; nothing tells these from what else it may watch.
  defp told({:helper, helper}, waiter) do
    with {:monitors, monitors} <- Process.info(helper, :monitors) do
      for {:process, pid} when is_pid(pid) and pid != waiter <- monitors,
          do: %{waiter: waiter, target: pid, since: 0.0, helped?: true}
    else
      nil -> []
    end
  end

  defp told(nil, _waiter), do: []
end
