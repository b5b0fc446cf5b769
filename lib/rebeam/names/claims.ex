defmodule Rebeam.Names.Claims do
  @moduledoc false
  # Who has which name in the cluster, as far as this node knows: a table that its server alone writes
  # (`Rebeam.Names.Cluster`) and everybody reads.
  #
  # A claim is one node's: it is asked for, and held once enough nodes have granted it. What a node
  # has granted, it grants nobody else until that node gives it up, or is away.
  #
  # A name's last *fence* is kept a while after its last holder, lest the next one gets a smaller one.
  # These are microseconds of the clock, or more where that is behind: so they grow also if all who
  # knew the last one have ended, as long as no clock is off by more than the time between.

  alias Rebeam.Names.Members

  @table __MODULE__
  # So long, in microseconds.
  @kept 600_000_000

  @typedoc """
  `since`: the fence that it began with, where `fence` has grown; `split`: what becomes of it when
  the cluster is split; `version`: the change of its node's by which it was asked for; `ref`: who
  waits for votes.
  """
  @type claim :: %{
          name: String.t() | {:once, String.t()},
          node: node,
          pid: pid | nil,
          fence: pos_integer,
          since: pos_integer,
          split: String.t(),
          status: :asked | :held | :lost | :done,
          version: integer,
          ref: reference | nil
        }

  @type vote :: :granted | {:taken, claim} | :contended | {:fence, pos_integer}

  # Rows are {name, claims, fence}, {{:away, node}} and {{:lost, name}}.
  def new, do: :ets.new(@table, [:named_table, :protected, read_concurrency: true])

  @doc "Who has the name: the claim that counts."
  @spec find(claim_name :: term) :: claim | nil
  def find(name) do
    name |> claims() |> Enum.filter(&(&1.status == :held and not away?(&1.node))) |> best()
  end

  defp best([]), do: nil
  defp best(claims), do: Enum.reduce(claims, &elem(judge(&1, &2), 0))

  @doc "All names that are text, with their processes."
  @spec all :: [{String.t(), pid}]
  def all do
    for {name, [_ | _], _} <- :ets.tab2list(@table),
        is_binary(name),
        %{pid: pid} when pid != nil <- [find(name)],
        do: {name, pid}
  end

  defp claims(name) do
    case :ets.lookup(@table, name) do
      [{_, claims, _}] -> claims
      [] -> []
    end
  end

  defp away?(node), do: :ets.member(@table, {:away, node})

  @doc "This node's own holder has lost the name; holding it again undoes that."
  @spec put_lost(claim) :: true
  def put_lost(claim) do
    store(%{claim | status: :lost})
    :ets.insert(@table, {{:lost, claim.name}})
  end

  @doc "Whether that is so."
  @spec lost?(term) :: boolean
  def lost?(name), do: :ets.member(@table, {:lost, name})

  @doc "From which nodes nothing is heard any more."
  @spec put_away([node]) :: true
  def put_away(nodes) do
    :ets.match_delete(@table, {{:away, :_}})
    :ets.insert(@table, for(node <- nodes, do: {{:away, node}}))
  end

  # ---- voting ----------------------------------------------------------------------------------

  @doc "Whether this node grants a claim that is asked for. Then nobody else is granted the name."
  @spec vote(claim, Members.t()) :: vote
  def vote(%{name: name, node: node, fence: fence} = claim, members) do
    others = Enum.reject(claims(name), &(&1.node == node))
    last = last_fence(name)

    case Enum.reject(others, &free?(&1, members)) do
      [] when fence > last -> store(claim) && :granted
      [] -> {:fence, last}
      taken -> refuse(taken)
    end
  end

  defp refuse(claims) do
    case Enum.find(claims, &(&1.status in [:held, :done])) do
      nil -> :contended
      held -> {:taken, held}
    end
  end

  # What is to stay where it is, is nobody else's.
  defp free?(%{split: "keep-old", status: :held}, _members), do: false
  defp free?(claim, members), do: Members.away?(members, claim.node)

  defp last_fence(name) do
    case :ets.lookup(@table, name) do
      [{_, _, fence}] -> fence
      [] -> 0
    end
  end

  @doc "A node holds a name; those others that hold it, too, and are there."
  @spec hold(claim, Members.t()) :: [claim]
  def hold(claim, members) do
    store(claim)
    if claim.node == node(), do: :ets.delete(@table, {:lost, claim.name})

    for other <- claims(claim.name),
        other.node != claim.node and other.status == :held,
        not Members.away?(members, other.node),
        do: other
  end

  defp store(%{name: name, node: node, fence: fence} = claim) do
    claims = [claim | Enum.reject(claims(name), &(&1.node == node))]
    :ets.insert(@table, {name, claims, max(fence, last_fence(name))})
  end

  @doc "A node has the name no more, and asks for it no more."
  @spec drop(term, node) :: term
  def drop(name, node) do
    with [{_, claims, fence}] <- :ets.lookup(@table, name),
         do: :ets.insert(@table, {name, Enum.reject(claims, &(&1.node == node)), fence})
  end

  @doc "A node has none of the names but these."
  @spec drop_all(node, MapSet.t()) :: term
  def drop_all(node, but \\ MapSet.new()) do
    for {name, claims, _} <- :ets.tab2list(@table),
        Enum.any?(claims, &(&1.node == node)) and name not in but,
        do: drop(name, node)
  end

  @doc "Forgets names that nobody has had for a while."
  @spec purge(pos_integer) :: term
  def purge(now) do
    :ets.select_delete(@table, [{{:_, [], :"$1"}, [{:<, :"$1", now - @kept}], [true]}])
  end

  @doc """
  Which of two that hold a name keeps it, and which does not: all nodes find alike. What a majority
  has granted later counts, as what it granted before was over then; otherwise the older holder.
  """
  @spec judge(claim, claim) :: {claim, claim}
  def judge(one, other) do
    if rank(one) >= rank(other), do: {one, other}, else: {other, one}
  end

  defp rank(%{split: "majority"} = claim), do: {1, claim.fence, claim.node}
  defp rank(claim), do: {0, -claim.since, claim.node}
end
