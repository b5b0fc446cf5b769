defmodule Rebeam.Loader do
  @moduledoc false
  # The small native library that works before there is a Python.

  @on_load :load

  def load, do: :erlang.load_nif(library("rebeam_loader"), 0)

  @doc """
  Where a native library of ours is, without its suffix.

  `REBEAM_NATIVE` names another folder, for builds with sanitizers.
  """
  @spec library(String.t()) :: charlist
  def library(name) do
    folder = System.get_env("REBEAM_NATIVE") || List.to_string(:code.priv_dir(:rebeam))
    folder |> Path.join(name) |> String.to_charlist()
  end

  @doc "Opens a shared libpython so that its symbols are global. It is never closed."
  @spec open(Path.t()) :: :ok | {:error, String.t()}
  def open(_path), do: :erlang.nif_error(:not_loaded)

  @doc "The error is the path of a libpython that is initialised already, by whomever."
  @spec embedded :: :ok | {:error, Path.t()}
  def embedded, do: :erlang.nif_error(:not_loaded)

  @doc "Sets, or with nil removes, a variable of the environment that Python will see."
  @spec set_env(String.t(), String.t() | nil) :: :ok
  def set_env(_name, _value), do: :erlang.nif_error(:not_loaded)

  @doc "Limits the memory that this OS process and its children may allocate, in bytes."
  @spec limit_data(pos_integer) :: :ok | {:error, String.t()}
  def limit_data(_bytes), do: :erlang.nif_error(:not_loaded)

  @doc "Keeps what this VM opened from the processes that Python will start."
  @spec seal_descriptors :: :ok
  def seal_descriptors, do: :erlang.nif_error(:not_loaded)

  @doc """
  SIGTERM, SIGINT and SIGHUP end this OS process at once, with their own status: nobody asks ERTS,
  which loses them or ends well.
  """
  @spec default_signals :: :ok
  def default_signals, do: :erlang.nif_error(:not_loaded)

  @doc "Has the program of `exec/2` load the library of that path, behind what LD_PRELOAD has."
  @spec hand_over(Path.t()) :: :ok | {:error, String.t()}
  def hand_over(_path), do: :erlang.nif_error(:not_loaded)

  @doc """
  Replaces this OS process by `program`. Returns only if that failed. What it starts has to call
  `default_signals/0`: SIGTERM waits until then.
  """
  @spec exec(Path.t(), [String.t()]) :: {:error, String.t()}
  def exec(_program, _arguments), do: :erlang.nif_error(:not_loaded)

  @doc """
  Moves standard input away, so that the VM reads no more of it.

  After `:file` and `:pipe`, `attach_stdin/1` has to follow.
  """
  @spec detach_stdin :: :file | :pipe | :other
  def detach_stdin, do: :erlang.nif_error(:not_loaded)

  @doc "Gives standard input back, beginning with the bytes that were read from it."
  @spec attach_stdin(binary) :: :ok | {:error, String.t()}
  def attach_stdin(_bytes), do: :erlang.nif_error(:not_loaded)

  @doc """
  Takes a file for this OS process alone, for as long as it lives, the reference is there, and it is
  not given back. The file is made if it is not there.
  """
  @spec lock(Path.t()) :: {:ok, reference} | :locked | {:error, String.t()}
  def lock(_path), do: :erlang.nif_error(:not_loaded)

  @doc "Gives it back."
  @spec unlock(reference) :: :ok
  def unlock(_lock), do: :erlang.nif_error(:not_loaded)

  @doc """
  Takes the terminal: keys come as they are typed, and what is written has a screen of its own. It is
  put back when this OS process ends, and before by `terminal_give_back/0`.
  """
  @spec terminal_take :: :ok | {:error, String.t()}
  def terminal_take, do: :erlang.nif_error(:not_loaded)

  @spec terminal_give_back :: :ok
  def terminal_give_back, do: :erlang.nif_error(:not_loaded)

  @doc "Columns and rows; the error is that standard output is no terminal."
  @spec terminal_size :: {pos_integer, pos_integer} | {:error, String.t()}
  def terminal_size, do: :erlang.nif_error(:not_loaded)

  @doc "What was typed, if anything was in so many milliseconds; the error is the end of input."
  @spec terminal_read(non_neg_integer) :: binary | {:error, String.t()}
  def terminal_read(_milliseconds), do: :erlang.nif_error(:not_loaded)
end
