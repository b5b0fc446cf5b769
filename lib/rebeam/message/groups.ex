defmodule Rebeam.Message.Groups do
  @moduledoc false
  # Process groups: OTP's `:pg` in a scope of its own, on all connected nodes that run Re:BEAM.
  # A group's name is a string, so none makes an atom. A process that ends leaves by itself.
  #
  # Elixir processes join with `:pg.join(:rebeam, "name", pid)`; broadcasts come as casts.

  alias Rebeam.Message.Post
  alias Rebeam.Nodes
  alias Rebeam.Nodes.Courier
  alias Rebeam.Value.Codec

  @scope :rebeam

  def child_spec(_), do: %{id: __MODULE__, start: {__MODULE__, :start_link, []}}

  @doc "Starts the scope; one after another has the members that this node had, and knows its units."
  def start_link do
    with {:ok, scope} <- :pg.start_link(@scope) do
      if :persistent_term.get(__MODULE__, nil), do: recover(scope)
      :persistent_term.put(__MODULE__, :started)
      {:ok, scope}
    end
  end

  defp recover(scope) do
    for node <- Node.list(:hidden), do: Courier.deliver({@scope, node}, {:discover, scope})
    Enum.each(Process.list(), &join_again/1)
  end

  defp join_again(pid) do
    with {:dictionary, kept} <- Process.info(pid, :dictionary) do
      for {{__MODULE__, group}, :member} <- kept,
          pid not in :pg.get_local_members(@scope, group),
          do: :pg.join(@scope, group, pid)
    end
  end

  @doc """
  Makes the scopes of two nodes of one program know each other. Nodes that are hidden, as units
  are, OTP's own does not look for: this is the first message of its protocol.
  """
  @spec discover(node) :: term
  def discover(node) do
    # Where nothing has needed Python yet there is none, and it looks for others when it starts.
    if scope = Process.whereis(@scope), do: send({@scope, node}, {:discover, scope})
  end

  @doc "The calling process joins; again is nothing new, where `:pg` would count."
  @spec join(String.t()) :: :ok
  def join(group) do
    # Each process remembers, as looking through the members takes longer the more there are.
    if Process.get({__MODULE__, group}) == nil do
      :ok = :pg.join(@scope, group, self())
      Process.put({__MODULE__, group}, :member)
    end

    :ok
  end

  @doc "The calling process leaves. False if it was not in the group."
  @spec leave(String.t()) :: boolean
  def leave(group) do
    Process.delete({__MODULE__, group})
    :pg.leave(@scope, group, self()) == :ok
  end

  @doc "Those that the process with that dictionary is in."
  @spec of(keyword) :: [String.t()]
  def of(dictionary), do: for({{__MODULE__, group}, :member} <- dictionary, do: group)

  # ---- what the cluster has once: not Python's groups --------------------------------------------

  @doc "The calling process is one of those that keep what has that name, or stand by for it."
  @spec keep(term) :: :ok
  def keep(name) do
    Process.put({__MODULE__, :keeps}, {:once, name})
    :pg.join(@scope, {:once, name}, self())
  end

  @doc "What a process of this node keeps, `{:once, name}`, or nil."
  @spec keeps(pid) :: {:once, term} | nil
  def keeps(pid) when node(pid) == node() do
    with {:dictionary, dictionary} <- Process.info(pid, :dictionary),
         do: List.keyfind(dictionary, {__MODULE__, :keeps}, 0, {nil, nil}) |> elem(1)
  end

  def keeps(pid), do: Nodes.ask(node(pid), __MODULE__, :keeps, [pid], Nodes.patience())

  @doc "All that keep it or stand by."
  @spec keepers(term) :: [pid]
  def keepers(name), do: :pg.get_members(@scope, {:once, name})

  @doc "The members on all nodes, or on this one, oldest process first."
  @spec members(String.t(), :all | :local) :: [pid]
  def members(group, :all), do: once(:pg.get_members(@scope, group))
  def members(group, :local), do: once(:pg.get_local_members(@scope, group))

  @doc "What casts to every member, and tells their number; and whether all are on this node."
  @spec broadcast(String.t(), String.t(), Codec.payload()) ::
          {here? :: boolean, (() -> non_neg_integer)}
  def broadcast(group, subject, payload) do
    members = members(group, :all)

    cast = fn ->
      Post.cast_all(members, subject, payload)
      length(members)
    end

    {Enum.all?(members, &(node(&1) == node())), cast}
  end

  # ---- who comes and goes ----------------------------------------------------------------------

  @doc "From now on the calling process hears who joins and leaves. The members until then."
  @spec monitor(String.t()) :: {reference, [pid]}
  def monitor(group) do
    {monitor, pids} = :pg.monitor(@scope, group)
    Process.put({__MODULE__, monitor}, Enum.frequencies(pids))
    {monitor, once(pids)}
  end

  @doc "No more. False if it is none of the calling process's monitors."
  @spec demonitor(reference) :: boolean
  def demonitor(monitor) do
    known? = Process.get({__MODULE__, monitor}) != nil
    if known?, do: forget(monitor)
    known?
  end

  # A scope that was started anew has forgotten it already. What it said comes before its answer.
  defp forget(monitor) do
    :pg.demonitor(@scope, monitor)
    drop(monitor)
    Process.delete({__MODULE__, monitor})
  end

  defp drop(monitor) do
    receive do
      {^monitor, change, _, _} when change in [:join, :leave] -> drop(monitor)
    after
      0 -> :ok
    end
  end

  @doc "What `:pg` says to a process that monitors a group: who is new, or a member no more."
  @spec changes(reference, :join | :leave, String.t(), [pid]) :: [{String.t(), tuple}]
  def changes(monitor, change, group, pids) do
    case Process.get({__MODULE__, monitor}) do
      nil ->
        []

      counts ->
        {changes, counts} = Enum.flat_map_reduce(pids, counts, &change(change, &1, &2))
        Process.put({__MODULE__, monitor}, counts)
        for {kind, pid} <- changes, do: {kind, {monitor, group, pid}}
    end
  end

  # Elixir processes may be members twice.
  defp change(change, pid, counts) do
    before = Map.get(counts, pid, 0)
    now = if change == :join, do: before + 1, else: before - 1
    counts = if now > 0, do: Map.put(counts, pid, now), else: Map.delete(counts, pid)

    case {before, now} do
      {0, 1} -> {[{"joined", pid}], counts}
      {1, 0} -> {[{"left", pid}], counts}
      _ -> {[], counts}
    end
  end

  # Elixir processes may have joined twice.
  defp once(pids), do: pids |> Enum.sort() |> Enum.dedup()
end
