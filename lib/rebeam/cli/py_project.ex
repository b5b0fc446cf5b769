defmodule Rebeam.CLI.PyProject do
  @moduledoc false
  # The table [tool.rebeam] of pyproject.toml. Python's own tomllib reads the file, once for each
  # version of it: the answer is kept.

  alias Rebeam.Python.{Asked, Choice, Probed}

  @file_name "pyproject.toml"
  @format "settings 1"

  # A setting a line: its name, then its values, each quoted; or "?" and what else it is.
  @question """
  import sys, tomllib
  from urllib.parse import quote
  def said(value):
      if isinstance(value, list) and all(isinstance(each, str) for each in value):
          return [quote(each, safe="") for each in value]
      if isinstance(value, (str, int)) and not isinstance(value, bool):
          return [quote(str(value), safe="")]
      return ["?", type(value).__name__]
  try:
      with open(sys.argv[1], "rb") as file:
          table = tomllib.load(file).get("tool", {}).get("rebeam", {})
  except ValueError as error:
      sys.exit(" ".join(str(error).split()))
  if not isinstance(table, dict):
      sys.exit("tool.rebeam is no table")
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
    with path when is_binary(path) <- nearest(folder),
         {:ok, executable} <- Choice.executable(python: python, script: folder),
         {:ok, lines} <- Probed.keep_of_file(@format, path, fn -> ask(executable, path) end) do
      {:ok, path, Enum.map(lines, &said/1)}
    else
      nil -> {:ok, "", []}
      error -> error
    end
  end

  defp nearest(folder) do
    path = Path.join(folder, @file_name)

    case File.read(path) do
      {:ok, text} -> if text =~ "tool.rebeam", do: path, else: above(folder)
      _ -> above(folder)
    end
  end

  defp above("/"), do: nil
  defp above(folder), do: nearest(Path.dirname(folder))

  defp ask(executable, path) do
    case Asked.run(executable, ["-I", "-S", "-c", @question, path]) do
      {:ok, text, 0} -> {:ok, String.split(text, "\n", trim: true)}
      {:ok, text, _} -> {:error, "#{path}: #{text |> String.trim() |> String.slice(0, 200)}"}
      {:error, text} -> {:error, text}
    end
  end

  defp said(line) do
    [name | values] = line |> String.split(" ") |> Enum.map(&URI.decode/1)

    case values do
      ["?", type] -> {name, type}
      values -> {name, values}
    end
  end
end
