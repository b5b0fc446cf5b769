defmodule Rebeam.Tables.Opening do
  @moduledoc false
  # The file of a table, as its writer has it: that it is the table's, that nobody else has it, and that
  # it ends where what is to be written belongs.

  require Logger

  alias Rebeam.Loader
  alias Rebeam.Tables.{Log, Rows}
  alias Rebeam.Value.Limits

  # How often, and after how many milliseconds, it is looked whether a file is free now.
  @lock_tries 10
  @lock_period 50
  # How many links to links are followed, as Linux does.
  @links 40

  @typedoc "inode: which file it is, whatever has its name."
  @type t :: %{
          path: Path.t(),
          fd: :file.fd(),
          lock: reference,
          inode: term,
          size: non_neg_integer
        }

  @doc "Opens the file of that table, made if need be; each effect that is in it goes to `redo`."
  @spec open(Path.t(), String.t(), Rows.type(), (Rows.effect() -> term)) ::
          {:ok, t} | Log.refusal()
  def open(path, name, type, redo) do
    with {:ok, path} <- real(path, path, @links),
         :ok <- regular(path),
         {:ok, lock} <- lock(path),
         :ok <- trusted(path),
         {:ok, whole, torn} <- Log.read(path, name, type, redo),
         :ok <- told_of(path, whole, torn),
         do: append(path, lock, whole, Log.header(name, type))
  end

  # A compacted file takes the place of the file itself, not of a link to it.
  defp real(_path, given, 0),
    do: {:refused, "OSError", "#{given} cannot be opened: #{:file.format_error(:eloop)}"}

  defp real(path, given, links) do
    case File.read_link(path) do
      {:ok, target} -> target |> Path.expand(Path.dirname(path)) |> real(given, links - 1)
      _ -> {:ok, path}
    end
  end

  defp regular(path) do
    case File.stat(path) do
      {:ok, %{type: type}} when type != :regular ->
        {:refused, "ValueError", "#{path} is no file of a table, but of something else"}

      _ ->
        :ok
    end
  end

  # Values may be objects, whose classes run code when they are read.
  defp trusted(path) do
    with true <- Limits.objects?(),
         {:ok, %{uid: uid, mode: mode}} <- File.stat(path),
         {:ok, %{uid: own}} <- File.stat("/proc/self") do
      cond do
        uid not in [0, own] ->
          untrusted(path, "belongs to another user", "")

        Bitwise.band(mode, 0o022) != 0 ->
          untrusted(path, "may be written by others", ": chmod go-w #{path}")

        true ->
          :ok
      end
    else
      _ -> :ok
    end
  end

  defp untrusted(path, why, what) do
    text = "#{path} #{why}, and objects in it could be anybody's code" <> what
    {:refused, "PermissionError", text}
  end

  defp lock(path, tries \\ @lock_tries) do
    case Loader.lock(path) do
      {:ok, lock} ->
        {:ok, lock}

      # Who has it may be ending.
      :locked when tries > 0 ->
        Process.sleep(@lock_period)
        lock(path, tries - 1)

      :locked ->
        {:refused, "RuntimeError",
         "#{path} is open as a table already, here or in another program"}

      {:error, text} ->
        {:refused, "OSError", "#{path} cannot be opened: #{text}"}
    end
  end

  defp told_of(path, whole, torn) do
    if torn > 0 and whole > 0,
      do:
        Logger.warning(
          "#{path}: its last #{torn} bytes were not written to the end, and are gone"
        )

    :ok
  end

  defp append(path, lock, whole, header) do
    with {:ok, fd} <- :file.open(path, [:raw, :read, :write, :binary]),
         {:ok, _} <- :file.position(fd, whole),
         :ok <- :file.truncate(fd),
         {:ok, size} <- begin(fd, whole, header),
         :ok <- :file.datasync(fd),
         :ok <- sync_folder(path),
         {:ok, inode} <- inode(fd),
         do: {:ok, %{path: path, fd: fd, lock: lock, inode: inode, size: size}},
         else: ({:error, reason} -> {:refused, "OSError", unwritable(path, reason)})
  end

  defp begin(fd, 0, header),
    do: with(:ok <- :file.write(fd, header), do: {:ok, IO.iodata_length(header)})

  defp begin(_fd, whole, _header), do: {:ok, whole}

  @doc "Which file that is."
  @spec inode(Path.t() | :file.fd()) :: {:ok, term} | {:error, :file.posix()}
  def inode(file) do
    with {:ok, info} <- :file.read_file_info(file, [:raw]) do
      {:ok, {elem(info, 9), elem(info, 11)}}
    end
  end

  @doc "Whether the file is still what its path names: it may have been moved, or removed."
  @spec there?(t) :: boolean
  def there?(file), do: inode(file.path) == {:ok, file.inode}

  @doc "What is said of a file that is not."
  @spec gone(Path.t()) :: String.t()
  def gone(path), do: unwritable(path, :moved)

  @doc "What is said of a file that cannot be written."
  @spec unwritable(Path.t(), atom) :: String.t()
  def unwritable(path, :moved) do
    "#{path} cannot be written: while it was open it was moved, removed or replaced. The table has what " <>
      "it had, in memory; it goes on once its file is back"
  end

  def unwritable(path, reason), do: "#{path} cannot be written: #{:file.format_error(reason)}"

  @doc "What the folder of a file has is on the disk. Who may not read the folder, does without."
  @spec sync_folder(Path.t()) :: :ok | {:error, :file.posix()}
  def sync_folder(path) do
    with {:ok, fd} <- path |> Path.dirname() |> :file.open([:raw, :read, :directory]) do
      synced = :file.sync(fd)
      :file.close(fd)
      # Some file systems have no such thing.
      if synced in [{:error, :einval}, {:error, :enotsup}], do: :ok, else: synced
    else
      {:error, _} -> :ok
    end
  end
end
