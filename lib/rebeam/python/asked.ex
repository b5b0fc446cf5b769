defmodule Rebeam.Python.Asked do
  @moduledoc false
  # Runs an interpreter, to ask it something.

  @doc "What it printed, on both outputs, and its status. Its name may be no text, as `System.cmd/3` wants."
  @spec run(Path.t(), [String.t()]) ::
          {:ok, String.t(), non_neg_integer} | {:error, String.t()}
  def run(executable, arguments) do
    options = [:binary, :exit_status, :stderr_to_stdout, args: arguments]
    port = Port.open({:spawn_executable, executable}, options)
    answer(port, "")
  rescue
    error in ErlangError -> {:error, "#{executable} does not run: #{error.original}"}
  end

  defp answer(port, text) do
    receive do
      {^port, {:data, more}} -> answer(port, text <> more)
      {^port, {:exit_status, status}} -> {:ok, text, status}
    end
  end
end
