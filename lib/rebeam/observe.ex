defmodule Rebeam.Observe do
  @moduledoc """
  Looking into a program that runs: what its actors are at, who waits for whom, where their code is.

  All of it but `stack/1` is known without Python: it answers also while Python's interpreter is busy,
  and stops no actor. On a unit's node the main node is asked. Python has the same as
  `rebeam.observe`.
  """

  alias Rebeam.Log.Crashes
  alias Rebeam.{Names, Nodes}
  alias Rebeam.Value.Repr
  alias Rebeam.Observe.{Actors, Metrics, Summary, Stacks, Trace, Tree, Waits}

  @doc "The supervision trees, as `t:Rebeam.Observe.Tree.entry/0`; of each supervisor `limit` children."
  @spec tree(pos_integer) :: [map]
  def tree(limit \\ 100), do: main(Tree, :trees, [limit])

  @doc """
  The first `limit` actors, functions and scripts, sorted by `:load` or `:rate`, which are of the
  last moments, `:queue`, `:messages` and `:busy` since they began, `:age` of the present work,
  `:memory` or `:restarts`; of those that have the text in what they are called.
  """
  @spec actors(atom, pos_integer, String.t()) :: [map]
  def actors(sort \\ :load, limit \\ 20, search \\ ""),
    do: main(Actors, :list, [sort, limit, search])

  @doc false
  # Those of these processes that are actors.
  def of(pids), do: main(Actors, :of, [pids])

  @doc "What the actors of each class do, together."
  @spec classes :: [map]
  def classes, do: main(Actors, :classes, [])

  @doc "Who waits for whom: cycles first, then the longest."
  @spec waits(pos_integer) :: [map]
  def waits(limit \\ 100), do: main(Waits, :list, [limit])

  @doc "The last crashes, the newest first; those that are alike are one, with their count."
  @spec crashes(pos_integer) :: [map]
  def crashes(limit \\ 20), do: main(Crashes, :last, [limit])

  @doc "The program in numbers for machines, as `t:Rebeam.Observe.Metrics.metric/0`."
  @spec metrics :: [map]
  def metrics, do: main(Metrics, :all, [])

  @doc "The program as a whole."
  @spec info :: map
  def info, do: main(Summary, :of_program, [])

  @doc """
  One actor and its stacks: `%{actor: row, stacks: [stack] | :unknown}`. `:unknown` while Python does
  not answer within two seconds, as code in C holds the GIL. The error says why there is none.
  """
  @spec stack(Names.target()) :: {:ok, map} | {:error, String.t()}
  def stack(target) do
    with {:ok, pid} <- find(target),
         stacks when stacks != nil <- Stacks.of(pid),
         [row] <- main(Actors, :of, [[pid]]) do
      {:ok, %{actor: row, stacks: stacks}}
    else
      {:error, text} -> {:error, text}
      _ -> {:error, "#{show(target)} is no actor of this program"}
    end
  end

  @doc "What happens with the next messages of an actor: see `Rebeam.Observe.Trace`."
  @spec trace(Names.target(), pos_integer, timeout) :: {:ok, [map]} | {:error, String.t()}
  def trace(target, messages \\ 10, timeout \\ 10_000) do
    with {:ok, pid} <- find(target),
         events when events != nil <- Trace.collect(pid, messages, timeout) do
      {:ok, events}
    else
      {:error, text} -> {:error, text}
      nil -> {:error, "#{show(target)} is no actor of this program"}
    end
  end

  defp main(module, function, arguments),
    do: Nodes.on_main(module, function, arguments, 2 * Nodes.patience())

  @doc false
  def find(target) do
    case Names.resolve(target, Nodes.patience(), :any) do
      {:ok, pid} -> {:ok, pid}
      :timeout -> {:error, "the node of #{show(target)} does not answer"}
      :none -> {:error, "no process is registered as #{show(target)}"}
      {:error, text} -> {:error, text}
    end
  end

  defp show(pid) when is_pid(pid), do: List.to_string(:erlang.pid_to_list(pid))
  defp show(name) when is_binary(name), do: inspect(name)
  defp show({_, node} = there) when is_binary(node), do: Repr.repr(there)
  defp show(other), do: Names.text(other) |> to_string()
end
