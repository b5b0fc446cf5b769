defmodule Rebeam.CLI.New do
  @moduledoc false
  # `rebeam new NAME`: a project with an actor, a supervisor and a test (priv/new/python).

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Template}

  @impl true
  def run([path]) do
    case Template.make("python", path) do
      :ok ->
        IO.puts("""
        #{path} is there. Now:

          cd #{path}
          rebeam main.py
          rebeam -m unittest
        """)

        0

      {:error, text} ->
        failed(text)
    end
  end

  def run(_), do: failed("new takes the name of a folder: rebeam new NAME")

  defp failed(text) do
    Complaint.say(text)
    2
  end
end
