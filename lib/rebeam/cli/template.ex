defmodule Rebeam.CLI.Template do
  @moduledoc false
  # New projects, from the folders in priv/new. NAME in their files and paths is the project's.

  @doc "Makes a folder of a template. The error is one line; then there is no such folder."
  @spec make(String.t(), Path.t(), %{String.t() => String.t()}) :: :ok | {:error, String.t()}
  def make(template, path, more \\ %{}) do
    name = Path.basename(path)

    with :ok <- named(name), :ok <- free(path) do
      from = Application.app_dir(:rebeam, Path.join("priv/new", template))
      words = Map.merge(%{"NAME" => name, "MODULE" => Macro.camelize(name)}, more)
      from |> files() |> Enum.each(&write(&1, from, path, words))
    end
  rescue
    error in File.Error ->
      File.rm_rf(path)
      {:error, "#{path}: #{:file.format_error(error.reason)}"}
  end

  @doc "Puts one file of a template into a folder, which is made."
  @spec add(String.t(), Path.t(), Path.t()) :: :ok
  def add(template, file, folder) do
    File.mkdir_p!(folder)
    from = Application.app_dir(:rebeam, Path.join(["priv/new", template, file]))
    File.cp!(from, Path.join(folder, file))
  end

  defp named(name) do
    if name =~ ~r/^[a-z][a-z0-9_]*\z/,
      do: :ok,
      else: {:error, "#{inspect(name)} is no name for a project: lower case, digits and _"}
  end

  defp free(path) do
    if File.exists?(path), do: {:error, "#{path} exists already"}, else: :ok
  end

  defp files(folder),
    do:
      folder
      |> Path.join("**/*")
      |> Path.wildcard(match_dot: true)
      |> Enum.filter(&File.regular?/1)

  defp write(file, from, to, words) do
    target = Path.join(to, file |> Path.relative_to(from) |> fill(words))
    File.mkdir_p!(Path.dirname(target))
    File.write!(target, file |> File.read!() |> fill(words))
  end

  defp fill(text, words) do
    Enum.reduce(words, text, fn {word, value}, text -> String.replace(text, word, value) end)
  end
end
