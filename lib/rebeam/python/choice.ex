defmodule Rebeam.Python.Choice do
  @moduledoc false
  # Which interpreter is meant, before anything is known about it.

  import Bitwise

  alias Rebeam.Python.{Installed, Uv}

  @doc "The path of the executable, or one line that says who asked for what."
  @spec executable(keyword) :: {:ok, Path.t()} | {:error, String.t()}
  def executable(opts) do
    with {:ok, executable, _asked_by} <- choose(opts), do: {:ok, executable}
  end

  @doc "The same, with who asked for it."
  @spec choose(keyword) :: {:ok, Path.t(), String.t()} | {:error, String.t()}
  def choose(opts) do
    if opts[:python] == :uv, do: Uv.python(), else: find(opts)
  end

  defp find(opts) do
    {asked_by, path} =
      option(opts) || variable("REBEAM_PYTHON") || installed(:own) || variable("VIRTUAL_ENV") ||
        beside(opts) || installed(:fallback) || {"python3 on PATH", "python3"}

    case resolve(path) do
      nil -> {:error, "#{asked_by}: no Python interpreter at #{inspect(path)}"}
      executable -> {:ok, executable, asked_by}
    end
  end

  defp option(opts), do: opts[:python] && {opts[:asked_by] || "--python", opts[:python]}

  defp variable(name) do
    case System.get_env(name, "") do
      "" -> nil
      path -> {"$" <> name, path}
    end
  end

  defp installed(meaning) do
    case Installed.environment() do
      {^meaning, folder} -> {"the environment of rebeam", folder}
      _ -> nil
    end
  end

  defp beside(opts) do
    # The script may be a folder.
    [opts[:script], opts[:script] && Path.dirname(opts[:script]), "."]
    |> Enum.reject(&is_nil/1)
    |> Enum.map(&Path.expand(".venv", &1))
    |> Enum.find_value(fn folder -> in_folder(folder) && {".venv", folder} end)
  end

  defp resolve(path) do
    cond do
      File.dir?(path) -> in_folder(Path.expand(path))
      String.contains?(path, "/") -> executable_file(Path.expand(path))
      true -> System.find_executable(path)
    end
  end

  defp in_folder(folder) do
    Enum.find_value(["python3", "python"], &executable_file(Path.join([folder, "bin", &1])))
  end

  # Its name may be no text, which `System.find_executable/1` wants.
  defp executable_file(path) do
    case File.stat(path) do
      {:ok, %{type: :regular, mode: mode}} when (mode &&& 0o111) != 0 -> path
      _ -> nil
    end
  end
end
