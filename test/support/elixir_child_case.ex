defmodule Rebeam.ElixirChildCase do
  @moduledoc false
  # Tests of Python under Elixir supervisors, in the VM of the tests itself.
  use ExUnit.CaseTemplate

  alias Rebeam.Program

  using do
    quote do
      import Rebeam.ElixirChildCase
      import Rebeam.Waiting
      @moduletag :capture_log
    end
  end

  # Python, and with it what is imported, outlives a test: each has modules of its own.
  setup do
    module = "actors_#{System.unique_integer([:positive])}"
    folder = Program.folder(%{(module <> ".py") => "program/script/supervised_actors.py"})
    %{module: module, folder: folder, log: Path.join(folder, "log")}
  end

  def supervise(children, options \\ [strategy: :one_for_one]) do
    start_supervised!(%{
      id: :tree,
      start: {Supervisor, :start_link, [children, options]},
      restart: :temporary,
      type: :supervisor
    })
  end

  def script(context, name, source) do
    path = Path.join(context.folder, name)
    File.write!(path, "from rebeam import *\nfrom #{context.module} import *\n" <> source)
    path
  end

  def lines(context), do: context.log |> File.read!() |> String.split("\n", trim: true)
end
