defmodule Rebeam.Child.Restarts do
  @moduledoc false
  # How often supervisors have started what failed. Kept for what has failed alone, by its present
  # process: a supervisor that reports a failure notes it, and what it starts next takes the note.

  @table __MODULE__
  @failed :"$rebeam_failed"

  @doc "Before the first supervisor, on the node of all of them."
  @spec install :: term
  def install do
    if :ets.whereis(@table) == :undefined,
      do: :ets.new(@table, [:named_table, :public, :set, write_concurrency: true])
  end

  @doc "In the supervisor: a child of it has failed."
  @spec failed(pid | term, String.t(), atom) :: term
  def failed(pid, label, restart) when is_pid(pid) and restart != :temporary do
    Process.put({@failed, label}, of(pid) + 1)
    :ets.delete(@table, pid)
  end

  def failed(_pid, _label, _restart), do: :ok

  @doc "In the supervisor: the result of a start function for what is called so. Passes it on."
  @spec started(result, String.t() | nil) :: result when result: term
  def started({:ok, pid} = result, label) do
    with count when count != nil <- Process.delete({@failed, label}) do
      :ets.insert(@table, {pid, count})
      forget(:ets.info(@table, :size))
    end

    result
  end

  def started(result, _label), do: result

  @doc "How often that process' supervisor had started it again when it started it."
  @spec of(pid | term) :: non_neg_integer
  def of(pid) do
    case :ets.lookup(@table, pid) do
      [{_, count}] -> count
      [] -> 0
    end
  end

  @doc "Those that it has started again, with how often."
  @spec all :: [{pid, pos_integer}]
  def all, do: :ets.tab2list(@table)

  # Processes that have ended for good.
  defp forget(size) when rem(size, 256) == 0 do
    for {pid, _} <- :ets.tab2list(@table),
        not Process.alive?(pid),
        do: :ets.delete(@table, pid)
  end

  defp forget(_size), do: :ok
end
