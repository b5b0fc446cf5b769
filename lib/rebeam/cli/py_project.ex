defmodule Rebeam.CLI.PyProject do
  @moduledoc false
  # The table [tool.rebeam] of pyproject.toml. Python's own tomllib reads the file, once for each
  # version of it: the answer is kept.

  alias Rebeam.Python.{Asked, Choice, Probed}

  @file_name "pyproject.toml"
  @format "settings 2"

  # However the table is spelled; who only names the package has no such line.
  @table ~r/(^|[.{,])[ \t]*["']?rebeam["']?[ \t]*[.=\]]/m

  # Nothing without the table, else a line, then a setting a line: its name, then its values, each
  # quoted; or "?" and what else it is.
  @question """
  import sys, tomllib
  from urllib.parse import quote
  def said(value):
      if isinstance(value, list) and all(isinstance(each, str) for each in value):
          return [quote(each, safe="") for each in value]
      if isinstance(value, (str, int)) and not isinstance(value, bool):
          return [quote(str(value), safe="")]
      what = "list of other things" if isinstance(value, list) else type(value).__name__
      return ["?", quote(what, safe="")]
  try:
      with open(sys.argv[1], "rb") as file:
          tools = tomllib.load(file).get("tool")
  except (ValueError, RecursionError) as error:
      sys.exit(" ".join(str(error).split()))
  table = tools.get("rebeam") if isinstance(tools, dict) else None
  if table is None:
      sys.exit()
  if not isinstance(table, dict):
      sys.exit("tool.rebeam is no table")
  print("table")
  for name, value in table.items():
      print(quote(name, safe=""), *said(value))
  """

  @typedoc "The values of a setting, or the name of the type that no setting has."
  @type said :: [{String.t(), [String.t()] | String.t()}]

  @doc """
  The settings in the nearest file that has such a table, from a folder upwards, and the file's path;
  `{:ok, "", []}` if there is none. An error says what is wrong where.
  """
  @spec read(Path.t(), Path.t() | nil) :: {:ok, Path.t(), said} | {:error, String.t()}
  def read(folder, python) do
    nearest(folder, python: python, script: folder)
  end

  defp nearest(folder, asked) do
    path = Path.join(folder, @file_name)

    with true <- named?(path),
         {:ok, executable} <- Choice.executable(asked),
         {:ok, lines} <- Probed.keep_of_file(@format, path, fn -> ask(executable, path) end) do
      case lines do
        ["table" | settings] -> {:ok, path, Enum.map(settings, &said/1)}
        [] -> above(folder, asked)
      end
    else
      false -> above(folder, asked)
      error -> error
    end
  end

  defp above("/", _asked), do: {:ok, "", []}
  defp above(folder, asked), do: nearest(Path.dirname(folder), asked)

  # A pipe would be waited for.
  defp named?(path) do
    with true <- File.regular?(path),
         {:ok, text} <- File.read(path),
         do: text =~ @table,
         else: (_ -> false)
  end

  defp ask(executable, path) do
    case Asked.run(executable, ["-I", "-S", "-c", @question, path]) do
      {:ok, text, 0} -> {:ok, String.split(text, "\n", trim: true)}
      {:ok, text, _} -> {:error, "#{path}: #{text |> String.trim() |> String.slice(0, 200)}"}
      {:error, text} -> {:error, text}
    end
  end

  defp said(line) do
    case String.split(line, " ") do
      [name, "?", type] -> {URI.decode(name), URI.decode(type)}
      [name | values] -> {URI.decode(name), Enum.map(values, &URI.decode/1)}
    end
  end
end
