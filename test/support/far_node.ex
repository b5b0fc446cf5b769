defmodule Rebeam.FarNode do
  @moduledoc false
  # A second node for Elixir code that `Rebeam.InElixir` runs: the same program runs there too.

  alias Rebeam.Program.Script
  alias Rebeam.Python.Runtime

  @doc """
  Makes this VM a node, and starts another, where `main.py` of this folder runs. Before the program
  runs here, whose units need that.
  """
  @spec start :: node
  def start do
    :ok = Rebeam.OwnNode.start("near", :longnames)
    paths = Enum.map(:code.get_path(), &List.to_string/1)
    arguments = ["-setcookie", "#{Node.get_cookie()}", "-pa" | paths]

    {:ok, _, far} =
      :peer.start_link(%{
        name: :"far_#{System.pid()}",
        host: ~c"127.0.0.1",
        longnames: true,
        args: Enum.map(arguments, &String.to_charlist/1)
      })

    :erpc.cast(far, __MODULE__, :run, [System.fetch_env!("PYTHON_UNDER_TEST"), File.cwd!()])
    far
  end

  @doc "Who has the name there; nil also while it starts."
  @spec whereis(node, String.t()) :: pid | nil
  def whereis(far, name) do
    :erpc.call(far, Rebeam, :whereis, [name])
  rescue
    _ -> nil
  end

  @doc false
  def run(python, folder) do
    {:ok, _} = Application.ensure_all_started(:rebeam)
    :ok = Runtime.start([python: python], ["main.py"])
    {:ok, _} = Script.start_link("script", Path.join(folder, "main.py"))
    Process.sleep(:infinity)
  end
end
