defmodule Rebeam.Python.Uv do
  @moduledoc false
  # A Python of uv's own, which has a shared libpython and its headers: `config :rebeam, python: :uv`.
  # It is fetched if there is none yet.

  # What Re:BEAM runs. uv takes the newest that it has, or, to fetch one, the one that is named.
  @versions ">=3.11,<3.15"
  @fetched "3.13"

  @doc "Its executable, with who asked for it."
  @spec python :: {:ok, Path.t(), String.t()} | {:error, String.t()}
  def python do
    case System.find_executable("uv") do
      nil ->
        {:error,
         "python: :uv wants uv, which is not on PATH: https://docs.astral.sh/uv, or name an interpreter"}

      uv ->
        with {:error, _} <- find(uv), {:ok, _} <- run(uv, ["install", @fetched]), do: find(uv)
    end
  end

  defp find(uv) do
    with {:ok, path} <- run(uv, ["find", "--python-preference", "only-managed", @versions]),
         do: {:ok, path, "uv"}
  end

  # The last line is the path, or what is wrong.
  defp run(uv, arguments) do
    case System.cmd(uv, ["python" | arguments], stderr_to_stdout: true) do
      {text, 0} ->
        {:ok, last_line(text)}

      {text, status} ->
        {:error, "uv python #{hd(arguments)} failed (status #{status}): #{last_line(text)}"}
    end
  end

  defp last_line(text), do: text |> String.split("\n", trim: true) |> List.last("")
end
