defmodule Mix.Tasks.Rebeam.New do
  @shortdoc "Makes an Elixir application with a Python actor"

  @moduledoc """
  Makes an Elixir application with a Python actor under its supervisor, and a test.

      mix rebeam.new shop

  It depends on the Re:BEAM that this task is run with. Python's files are in `priv/python`, so that
  `mix release` takes them along.
  """

  use Mix.Task

  alias Rebeam.CLI.Template

  @impl true
  def run([path]) do
    dependency = "{:rebeam, path: #{inspect(rebeam())}}"

    case Template.make("elixir", path, %{"DEPENDENCY" => dependency}) do
      :ok ->
        # The actor is that of a Python project.
        Template.add("python", "counter.py", Path.join(path, "priv/python"))
        Mix.shell().info("#{path} is there. Now:\n\n  cd #{path}\n  mix test\n  iex -S mix")

      {:error, text} ->
        Mix.raise(text)
    end
  end

  def run(_), do: Mix.raise("mix rebeam.new takes the name of a folder: mix rebeam.new shop")

  # Where it is a dependency, or the project itself.
  defp rebeam, do: Path.expand(Mix.Project.deps_paths()[:rebeam] || File.cwd!())
end
