defmodule Rebeam.Tables.Compaction do
  @moduledoc false
  # Where the file of a table grew to twice what its rows take, a process writes these to a new file
  # beside it; what is done meanwhile comes behind, and the new file takes the name of the old one.

  alias Rebeam.Loader
  alias Rebeam.Tables.{Log, Opening, Rows}

  # A file below that is not compacted, in bytes.
  @least 1_048_576
  # What a file that takes another's place is called until then.
  @new ".compacting"

  @doc "Whether a file of that size is to be compacted: it began with `base`."
  @spec due?(non_neg_integer, non_neg_integer) :: boolean
  def due?(size, base), do: size - base > base and size - base > @least

  @doc "Begins; the calling writer hears of its end by an EXIT: `{:compacted, size}`, or why not."
  @spec start(map, Path.t()) :: pid
  def start(table, path), do: spawn_link(fn -> exit(write(table, path <> @new)) end)

  @doc "There is no new file any more."
  @spec abandon(Path.t(), pid | nil) :: term
  def abandon(path, pid) do
    if pid do
      Process.unlink(pid)
      Process.exit(pid, :kill)
    end

    File.rm(path <> @new)
  end

  defp write(table, path) do
    File.rm(path)

    with {:ok, fd} <- :file.open(path, [:raw, :write, :exclusive, :binary]),
         :ok <- File.chmod(path, 0o600),
         header = Log.header(table.name, table.type),
         :ok <- :file.write(fd, header),
         :ets.safe_fixtable(table.tid, true),
         rows = :ets.match_object(table.tid, :_, Rows.chunk()),
         {:ok, size} <- write_rows(fd, rows, IO.iodata_length(header)),
         :ok <- :file.datasync(fd),
         :ok <- :file.close(fd),
         do: {:compacted, size}
  end

  defp write_rows(_fd, :"$end_of_table", size), do: {:ok, size}

  defp write_rows(fd, {rows, more}, size) do
    record = Log.effects([{:put, rows}])

    with :ok <- :file.write(fd, record),
         do: write_rows(fd, :ets.match_object(more), size + IO.iodata_length(record))
  end

  @doc """
  The new file, of that size, takes the place of the old one. What was done meanwhile, as a list of
  effects for each record, may be in its rows already: done again, it comes to the same.
  """
  @spec finish(Opening.t(), non_neg_integer, [[Rows.effect()]]) :: {:ok, Opening.t()} | term
  def finish(old, base, done) do
    path = old.path <> @new
    records = Enum.map(done, &Log.effects/1)

    with true <- Opening.there?(old) || :moved,
         {:ok, mode} <- mode(old.path),
         :ok <- File.chmod(path, mode),
         {:ok, lock} <- Loader.lock(path),
         {:ok, fd} <- :file.open(path, [:raw, :read, :write, :binary]),
         {:ok, ^base} <- :file.position(fd, :eof),
         :ok <- :file.write(fd, records),
         :ok <- :file.datasync(fd),
         {:ok, inode} <- Opening.inode(fd),
         :ok <- File.rename(path, old.path) do
      :file.close(old.fd)
      Loader.unlock(old.lock)
      size = base + IO.iodata_length(records)
      {:ok, %{old | fd: fd, lock: lock, inode: inode, size: size}}
    end
  end

  defp mode(path),
    do: with({:ok, %{mode: mode}} <- File.stat(path), do: {:ok, Bitwise.band(mode, 0o777)})
end
