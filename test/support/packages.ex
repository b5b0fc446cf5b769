defmodule Rebeam.Packages do
  @moduledoc false
  # Python packages that some tests want.

  @doc "Why such a test is skipped: text for the tag `:skip`; nil if the interpreter of tests has it."
  @spec lack(String.t()) :: String.t() | nil
  def lack(module) do
    python = Rebeam.Program.python().executable

    case System.cmd(python, ["-c", "import #{module}"], stderr_to_stdout: true) do
      {_, 0} -> nil
      _ -> "#{python} has no #{module}"
    end
  end
end
