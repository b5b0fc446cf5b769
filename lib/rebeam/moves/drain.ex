defmodule Rebeam.Moves.Drain do
  @moduledoc false
  # Empties a node before it stops: `rebeam drain`. Here, on its main node:
  #
  #   open --drain--> draining: nothing new starts here; each actor moves to the node with the fewest
  #
  # What has moved belongs to who keeps it there (`Rebeam.Moves.Guest`) from then on: the supervisors
  # here may end. The process that it had stands for it until this node is gone; then its names in the
  # cluster, its keys in registries, its groups and its subscriptions are taken over there. Of what the
  # cluster has once, the one that stands by there goes on with it (`Rebeam.Trees.Once`). Tables do not
  # move: those that no file has are told, and stay.

  alias Rebeam.Actor.{Moved, Moving}
  alias Rebeam.Child.Lineage
  alias Rebeam.Message.Groups
  alias Rebeam.{Moves, Names, Native, Nodes, Tables, Topics}
  alias Rebeam.Moves.Guest
  alias Rebeam.Python.Runtime
  alias Rebeam.Registry.Access
  alias Rebeam.Units.Pool

  @typedoc "Where it is now, or why it is still here."
  @type outcome :: {label :: String.t(), {:moved, node} | {:stays, String.t()}}

  # How many move at the same time.
  @at_once 8
  @actors [{Rebeam.Actor, :init, 1}, {Rebeam.StateMachine, :init, 1}]

  @doc "Moves all that can be moved. What cannot goes on here."
  @spec run :: [outcome]
  def run do
    Nodes.drain(true)
    {standing, here} = Enum.split_with(all(), &elem(&1, 1))
    Enum.each(standing, fn {root, _} -> adopt(root) end)

    descriptions =
      for {pid, _} <- here, {:ok, description} <- [Moves.describe(pid)], do: description

    descriptions
    |> spread(loads())
    |> Task.async_stream(&move/1, max_concurrency: @at_once, timeout: :infinity)
    |> Enum.map(fn {:ok, outcome} -> outcome end)
    |> Enum.concat(tables())
  end

  # What is in memory alone would be gone with this program.
  defp tables do
    for name <- Tables.names(),
        {:ok, %{file: nil, tid: tid}} <- [Tables.find(name)],
        rows = :ets.info(tid, :size),
        is_integer(rows) and rows > 0,
        do: {"the table #{name}", {:stays, "its rows (#{rows}) are in this program alone"}}
  end

  @doc "It takes what is new again."
  @spec undo :: :ok
  def undo, do: Nodes.drain(false)

  # ---- what there is -------------------------------------------------------------------------------

  defp all, do: Enum.flat_map(nodes(), &on(&1, :here, []))

  defp nodes, do: [node() | for({_, _, _, {:node, node}} <- Pool.units(), do: node)]

  defp on(node, function, arguments) when node == node(),
    do: apply(__MODULE__, function, arguments)

  defp on(node, function, arguments) do
    Nodes.ask(node, __MODULE__, function, arguments, Nodes.patience())
  catch
    :error, {:erpc, _} -> []
  end

  @doc "The actors and functions that a supervisor has: each with whether it only stands for one."
  @spec here :: [{pid, boolean}]
  def here do
    for pid <- Process.list(),
        {:dictionary, dictionary} <- [Process.info(pid, :dictionary)],
        dictionary[:"$initial_call"] in @actors and Lineage.restart(dictionary) != nil,
        do: {pid, Moved.stands?(dictionary)}
  end

  # Its actor is elsewhere already.
  defp adopt(root) do
    with [belongings] <- belongings(root), do: send(root, {Moved, :adopt, belongings})
  end

  # ---- where it goes -------------------------------------------------------------------------------

  defp loads do
    nodes = Enum.reject(Node.list(), &Nodes.busy?/1)
    told = :erpc.multicall(nodes, __MODULE__, :load, [], Nodes.glance())
    for {node, {:ok, load}} when is_integer(load) <- Enum.zip(nodes, told), do: {load, node}
  end

  @doc "How many actors there are; nil where none is taken."
  @spec load :: non_neg_integer | nil
  def load,
    do:
      if(Nodes.main?() and Runtime.started?() and not Nodes.draining?(),
        do: Native.counts().actors
      )

  # Each to the one that has the fewest by then.
  defp spread(descriptions, []), do: Enum.map(descriptions, &{&1, nil})

  defp spread(descriptions, loads) do
    {spread, _} =
      Enum.map_reduce(descriptions, loads, fn description, loads ->
        {load, node} = Enum.min(loads)
        {{description, node}, [{load + 1, node} | List.delete(loads, {load, node})]}
      end)

    spread
  end

  defp move({description, nil}), do: stays(description, "no other node takes it")

  defp move({%{kind: :run} = description, _node}),
    do: stays(description, "it is a function, whose code runs where it began")

  defp move({%{root: root} = description, node}) do
    case once(root) do
      nil -> hand_over(description, node, belongings(root))
      {name, keeper} -> pass_on(description, name, keeper)
    end
  end

  defp hand_over(description, node, belongings) do
    case Moves.hand_over(description, node, List.first(belongings), description.pid) do
      {:ok, _actor, _guest} -> {called(description), {:moved, node}}
      {:error, _, text} -> stays(description, text)
    end
  end

  defp stays(description, text), do: {called(description), {:stays, text}}
  defp called(%{label: nil, pid: pid}), do: List.to_string(:erlang.pid_to_list(pid))
  defp called(%{label: label}), do: label

  # Of one whose supervisor is elsewhere: none, that goes on having it.
  defp belongings(root),
    do: if(node(root) in nodes(), do: on(node(root), :belongings_of, [root]), else: [])

  @doc "What others know a process of this node by."
  @spec belongings_of(pid) :: [Guest.belongings()]
  def belongings_of(root) do
    for {:dictionary, dictionary} <- [Process.info(root, :dictionary)] do
      %{
        names: Nodes.on_main(Names.Global, :names_here, [root]),
        keys: Nodes.on_main(Access, :entries, [root]),
        groups: Groups.of(dictionary),
        topics: topics(root),
        restart: Moving.restart(dictionary)
      }
    end
  end

  defp topics(root) do
    for {{topic, _}, route, max_queue, when_full, _} <- Topics.Server.subscriptions(root),
        do: {topic, {route, max_queue, when_full}}
  end

  # ---- what the cluster has once -------------------------------------------------------------------

  # Its keeper here, if it has one.
  defp once(root) do
    with [{_, _} = once] <- on(node(root), :keeper_of, [root]), do: once, else: (_ -> nil)
  end

  @doc "What keeps a process of this node, as the one in the cluster."
  @spec keeper_of(pid) :: [{name :: term, pid}]
  def keeper_of(root) do
    for {:dictionary, dictionary} <- [Process.info(root, :dictionary)],
        pid <- Enum.take(dictionary[:"$ancestors"] || [], 2),
        is_pid(pid),
        {_, name} <- List.wrap(Groups.keeps(pid)),
        do: {name, pid}
  end

  defp pass_on(description, name, keeper) do
    case Enum.reject(Groups.keepers(name), &(&1 == keeper or node(&1) == node())) do
      [] ->
        stays(description, "no other node stands by for it")

      [heir | _] = others ->
        belongings = kept(belongings(description.root), name)

        with {:ok, _actor, guest} <-
               Moves.hand_over(description, node(heir), belongings, description.pid) do
          for other <- others, do: send(other, {:rebeam_inherit, name, guest})
          send(description.root, {Moved, :adopted})
          send(keeper, {:rebeam_resign, name})
          {called(description), {:moved, node(heir)}}
        else
          {:error, _, text} -> stays(description, text)
        end
    end
  end

  # That name is its keeper's to give.
  defp kept([belongings], name) do
    names = List.keydelete(belongings.names, name, 0)
    %{belongings | names: names, restart: :kept}
  end

  defp kept([], _name), do: nil
end
