defmodule Rebeam.Tables.Cursor do
  @moduledoc false
  # Goes through a table without order while others write: a process that has the table fixed, so that
  # no row comes twice, and none is missed that is there throughout. It ends after the last row, or with
  # who asked for it: Python lets go of it by a cast, Elixir by `close/1`.
  #
  # Who waits for rows may be cut off before they get there: so they are numbered, and the last ones can
  # be asked for again.

  alias Rebeam.Tables.{Order, Rows}

  @doc "For rows that match the guards of a match specification on key (`$1`) and value (`$2`)."
  @spec start(:ets.tid(), Rows.type(), list, pid | nil) :: pid
  def start(tid, type, guards, asker),
    do: spawn(fn -> begin(tid, type, guards, asker) end)

  @doc "The rows of that number, from 0 on, with the forms of their keys; none: that was all."
  @spec next(pid, non_neg_integer) :: {:ok, [Rows.row()]} | {:error, :gone}
  def next(cursor, number) do
    monitor = Process.monitor(cursor)
    send(cursor, {:next, self(), monitor, number})

    receive do
      {^monitor, rows} ->
        Process.demonitor(monitor, [:flush])
        {:ok, rows}

      {:DOWN, ^monitor, :process, _, :normal} ->
        {:ok, []}

      {:DOWN, ^monitor, :process, _, :noproc} ->
        {:ok, []}

      {:DOWN, ^monitor, :process, _, _} ->
        {:error, :gone}
    end
  end

  @spec close(pid) :: term
  def close(cursor), do: send(cursor, :close)

  defp begin(tid, type, guards, asker) do
    if asker, do: Process.monitor(asker)
    if type != :ordered_set, do: :ets.safe_fixtable(tid, true)
    all = [{{:"$1", :"$2", :_}, guards, [:"$_"]}]
    serve({:select, tid, all}, type, {-1, []})
  rescue
    ArgumentError -> exit(:shutdown)
  end

  defp serve(more, type, {last, rows}) do
    receive do
      {:next, pid, tag, ^last} ->
        send(pid, {tag, rows})
        serve(more, type, {last, rows})

      {:next, pid, tag, number} ->
        {rows, more} = rows(more)
        rows = for {key, value, given} <- rows, do: {Order.form(type, key), value, given}
        send(pid, {tag, rows})
        # What was sent before may share large memory.
        :erlang.garbage_collect()
        if rows != [], do: serve(more, type, {number, rows})

      :close ->
        :ok

      {:"$gen_cast", {:rebeam, "close", _, _, _}} ->
        :ok

      {:DOWN, _, :process, _, _} ->
        :ok
    end
  end

  defp rows({:select, tid, all}), do: tid |> :ets.select(all, Rows.chunk()) |> rows()
  defp rows(:"$end_of_table"), do: {[], nil}
  defp rows({[], more}), do: more |> :ets.select() |> rows()

  defp rows({rows, more}) do
    {rows, left} = Rows.split(rows)
    {rows, {left, more}}
  end
end
