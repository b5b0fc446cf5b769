defmodule Rebeam.CLI.Settings do
  @moduledoc false
  # What the command line left open: as variables REBEAM_*, else as keys of [tool.rebeam] in the
  # pyproject.toml that is nearest, from the script's folder upwards, and has that table.

  alias Rebeam.CLI.{Options, PyProject}

  # Which can be said elsewhere has places of its own (Rebeam.CLI.Cookie).
  @keys Options.keys() -- [:cookie]

  @doc "The options with all that was said. The error is one line that says where."
  @spec fill(Options.t()) :: {:ok, Options.t()} | {:error, String.t()}
  def fill(options) do
    with {:ok, options} <- environment(options),
         {:ok, path, said} <- PyProject.read(folder(options), options.python),
         do: file(options, path, said)
  end

  # Where the search begins.
  defp folder(%{target: {:script, path}}) when path != "-" do
    path = Path.expand(path)
    if File.dir?(path), do: path, else: Path.dirname(path)
  end

  defp folder(_), do: File.cwd!()

  defp environment(options) do
    said =
      for key <- @keys,
          not is_map_key(options.origins, key),
          text = System.get_env(Options.variable(key)),
          text != "",
          do: {key, text}

    fold(said, options, fn {key, text}, options ->
      texts = if Options.list?(key), do: String.split(text, [" ", ","], trim: true), else: [text]
      put_all(options, key, texts, "$" <> Options.variable(key))
    end)
  end

  defp file(options, path, said) do
    known = Map.new(@keys, &{Options.setting(&1), &1})

    fold(said, options, fn {name, values}, options ->
      origin = "#{name} in #{path}"

      case {known, values} do
        {%{^name => key}, values} when is_list(values) ->
          file(options, key, values, origin, path)

        {%{^name => _}, type} ->
          {:error, "#{origin} is a text, a number or a list of texts, not a #{type}"}

        _ ->
          {:error, "#{origin} is no setting: #{Enum.join(Enum.sort(Map.keys(known)), ", ")}"}
      end
    end)
  end

  defp file(options, key, values, origin, path) do
    cond do
      is_map_key(options.origins, key) ->
        {:ok, options}

      length(values) != 1 and not Options.list?(key) ->
        {:error, "#{origin} is one value, not a list"}

      true ->
        put_all(options, key, Enum.map(values, &beside(key, &1, path)), origin)
    end
  end

  # Paths are meant from the file's folder on; an interpreter may also be a name on PATH.
  defp beside(key, value, path) when key in [:cookie_file, :tls],
    do: Path.expand(value, Path.dirname(path))

  defp beside(:python, value, path),
    do: if(value =~ "/", do: Path.expand(value, Path.dirname(path)), else: value)

  defp beside(_key, value, _path), do: value

  defp put_all(options, key, texts, origin),
    do: fold(texts, options, &Options.put(&2, key, &1, origin))

  # Up to the first error.
  defp fold(list, options, fun) do
    Enum.reduce_while(list, {:ok, options}, fn each, {:ok, options} ->
      case fun.(each, options) do
        {:ok, _} = ok -> {:cont, ok}
        error -> {:halt, error}
      end
    end)
  end
end
