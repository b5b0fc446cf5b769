defmodule Rebeam.Python.Probed do
  @moduledoc false
  # What interpreters said when they were asked, kept in the user's cache folder: starting one takes
  # 40 to 150 ms. An answer counts as long as what gave it is the same file, of the same size and
  # time, in the same environment. Whatever goes wrong here, the interpreter is asked.

  @format "rebeam 1"

  @doc """
  The `count` lines that `ask` gives, kept or new; the first is the path of who answered. Only
  `{:ok, lines}` is kept.
  """
  @spec keep(Path.t(), pos_integer, (() -> {:ok, [String.t()]} | other)) ::
          {:ok, [String.t()]} | other
        when other: term
  def keep(executable, count, ask) do
    with [_ | _] = key <- key(executable), file when is_binary(file) <- file(executable) do
      kept(file, key, count) || asked(file, key, ask)
    else
      _ -> ask.()
    end
  end

  @doc "The lines that `ask` gives about a file, kept or new. Only `{:ok, lines}` is kept."
  @spec keep_of_file(String.t(), Path.t(), (() -> {:ok, [String.t()]} | other)) ::
          {:ok, [String.t()]} | other
        when other: term
  def keep_of_file(format, path, ask) do
    key = [format, path, stamp(path)]

    with file when is_binary(file) <- file(path),
         {:ok, text} <- read(file),
         {^key, lines} <- text |> String.split("\n") |> Enum.split(length(key)) do
      {:ok, lines}
    else
      _ -> with {:ok, lines} <- ask.(), do: {write(path, key, lines), lines}
    end
  end

  defp write(path, key, lines) do
    with file when is_binary(file) <- file(path), do: write(file, Enum.join(key ++ lines, "\n"))
    :ok
  end

  defp kept(file, key, count) do
    with {:ok, text} <- read(file),
         {^key, [stamp, answered | _] = rest} <-
           text |> String.split("\n") |> Enum.split(length(key)),
         {^stamp, ^count} <- {stamp(answered), length(rest) - 1} do
      {:ok, tl(rest)}
    else
      _ -> nil
    end
  end

  defp asked(file, key, ask) do
    with {:ok, [answered | _] = lines} <- ask.() do
      write(file, Enum.join(key ++ [stamp(answered) | lines], "\n"))
      {:ok, lines}
    end
  end

  # Not another user's, with whose HOME this one runs, as under sudo; nor what is damaged.
  defp read(file) do
    with {:ok, %{uid: owner, type: :regular}} <- File.stat(file),
         {:ok, %{uid: ^owner}} <- File.stat("/proc/self"),
         {:ok, written} <- File.read(file),
         [sum, text] <- String.split(written, "\n", parts: 2),
         ^sum <- digest(text),
         do: {:ok, text}
  end

  # Renamed into place, as several programs may start at once.
  defp write(file, text) do
    new = "#{file}.#{System.pid()}"

    with :ok <- File.mkdir_p(Path.dirname(file)),
         :ok <- File.write(new, [digest(text), ?\n, text]) do
      File.rename(new, file)
    end
  end

  defp file(executable) do
    with folder when is_binary(folder) <- folder(), do: Path.join(folder, digest(executable))
  end

  defp digest(text), do: text |> :erlang.md5() |> :binary.encode_hex()

  @doc "Where they are kept; nil where the user has no such folder."
  @spec folder :: Path.t() | nil
  def folder do
    case {System.get_env("XDG_CACHE_HOME", ""), System.get_env("HOME", "")} do
      {"/" <> _ = folder, _} -> Path.join(folder, "rebeam/pythons")
      {_, "/" <> _ = home} -> Path.join(home, ".cache/rebeam/pythons")
      _ -> nil
    end
  end

  # All that the answer depends on, a line each; nil if that is not known.
  defp key(executable) do
    with [_ | _] = choice <- choice(executable) do
      [@format, executable, stamp(executable) | choice] ++
        [stamp(Path.expand("../../pyvenv.cfg", executable))]
    end
  end

  # Other content is another stamp.
  defp stamp(path) do
    case File.stat(path, time: :posix) do
      {:ok, stat} -> "#{stat.size} #{stat.mtime} #{stat.inode}"
      _ -> "none"
    end
  end

  # A program is itself. A script that looks for the interpreter may find another one each time,
  # but for pyenv's, of which it is known what it goes by.
  defp choice(executable) do
    cond do
      program?(executable) -> ["itself"]
      Path.basename(Path.dirname(executable)) == "shims" -> pyenv(executable)
      true -> nil
    end
  end

  defp program?(executable) do
    with {:ok, file} <- File.open(executable, [:read, :raw, :binary]) do
      start = :file.read(file, 4)
      File.close(file)
      start == {:ok, <<0x7F, "ELF">>}
    else
      _ -> false
    end
  end

  # PYENV_VERSION, else the nearest .python-version, else the version of its root.
  defp pyenv(shim) do
    global = Path.expand("../../version", shim)
    local = upwards(File.cwd!()) |> Enum.map(&Path.join(&1, ".python-version"))
    named = System.get_env("PYENV_VERSION", "")

    if File.exists?(global) or named != "",
      do: [one_line(named), one_line(first_text(local)), one_line(first_text([global]))]
  end

  defp upwards("/"), do: ["/"]
  defp upwards(folder), do: [folder | upwards(Path.dirname(folder))]

  defp first_text(paths) do
    Enum.find_value(paths, "", fn path ->
      with {:ok, text} <- File.read(path), do: text, else: (_ -> nil)
    end)
  end

  defp one_line(text), do: String.replace(text, "\n", " ")
end
