defmodule Rebeam.InElixir do
  @moduledoc false
  # Runs Elixir code beside a Python program, in a fresh VM: what an Elixir user does.

  import ExUnit.Assertions

  alias Rebeam.Program

  @start """
  :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
  {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
  show = &IO.inspect(&1, limit: :infinity, printable_limit: :infinity, width: 100_000)
  """

  @finish """
  Rebeam.Program.Script.stop(script, 0)
  receive do
    {:rebeam_script, ^script, {:status, 0}, :over} -> IO.puts("over")
  end
  """

  @doc """
  The lines that `code` printed. The program ends when the code does; `wait_until(fun)` waits
  for a true result, `show.(term)` prints a term. `before` runs before the program starts.
  """
  @spec lines!(String.t(), String.t(), String.t()) :: [String.t()]
  def lines!(python, code, before \\ "") do
    folder = Program.folder(%{"main.py" => python})
    result = Program.elixir(before <> @start <> code <> @finish, cd: folder)
    assert result.status == 0, result.out <> result.err
    # What was logged may come later.
    lines = String.split(result.out, "\n", trim: true)
    assert "over" in lines
    List.delete(lines, "over")
  end

  @doc "The same with a second node, `far`, where the program runs, too."
  @spec lines_of_two!(String.t(), String.t()) :: [String.t()]
  def lines_of_two!(python, code), do: lines!(python, code, "far = Rebeam.FarNode.start()\n")
end
