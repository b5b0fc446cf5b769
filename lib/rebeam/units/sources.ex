defmodule Rebeam.Units.Sources do
  @moduledoc false
  # The program's files, as the main node has them, for units of worker machines
  # (python/rebeam/_engine/far.py).

  alias Rebeam.Bytes

  @doc "What is in a folder, each name with what it is; nothing where there is none."
  @spec folder(Path.t()) :: [{String.t(), String.t()}]
  def folder(path) do
    with {:ok, names} <- File.ls(path) do
      for name <- names, String.valid?(name), kind = kind(Path.join(path, name)), do: {name, kind}
    else
      _ -> []
    end
  end

  defp kind(path) do
    case File.stat(path) do
      {:ok, %{type: :regular}} -> "file"
      {:ok, %{type: :directory}} -> "folder"
      _ -> nil
    end
  end

  @doc "What a file holds; a text says why it cannot be read."
  @spec source(Path.t()) :: Bytes.t() | String.t()
  def source(path) do
    case File.read(path) do
      {:ok, data} -> %Bytes{data: data}
      {:error, reason} -> "#{:file.format_error(reason)}"
    end
  end
end
