defmodule Rebeam.CLI.ScriptPackages do
  @moduledoc false
  # The packages that a script says it needs (https://peps.python.org/pep-0723/): uv keeps an
  # environment with them, where it is installed.

  alias Rebeam.CLI.{Complaint, Options}

  @block ~r/^# \/\/\/ script[ \t]*\n((?:#(?: .*)?\n)+?)# \/\/\/[ \t]*$/m
  # Nobody has such a block far behind the beginning.
  @read 65_536

  @doc "The options, with the environment's interpreter, unless another one was asked for."
  @spec fill(Options.t()) :: {:ok, Options.t()} | {:error, String.t()}
  def fill(%{target: {:script, path}, python: nil} = options) when path != "-" do
    if named?(path), do: fill(System.find_executable("uv"), path, options), else: {:ok, options}
  end

  def fill(options), do: {:ok, options}

  defp named?(path) do
    with {:ok, file} <- File.open(path, [:read, :raw, :binary]),
         text = :file.read(file, @read),
         :ok <- File.close(file),
         {:ok, text} <- text,
         [_, block] <- Regex.run(@block, String.replace(text, "\r\n", "\n")) do
      block =~ ~r/^# dependencies *= *\[(?! *\])/m
    else
      _ -> false
    end
  end

  defp fill(nil, path, options) do
    Complaint.say("#{path} names packages that it needs; to have them installed, install uv")

    {:ok, options}
  end

  defp fill(uv, path, options) do
    with {:ok, _} <- run(uv, ["sync", "--quiet", "--script", path]),
         {:ok, text} <- run(uv, ["python", "find", "--script", path]) do
      {:ok, options} = Options.put(options, :python, String.trim(text), "the packages of #{path}")
      {:ok, options}
    end
  end

  # What it says of its work goes to standard error.
  defp run(uv, arguments) do
    case System.cmd(uv, arguments) do
      {text, 0} -> {:ok, text}
      {_, status} -> {:error, "uv #{Enum.join(arguments, " ")} ended with status #{status}"}
    end
  end
end
