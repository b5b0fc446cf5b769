defmodule Rebeam.CLI.Remote do
  @moduledoc false
  # `rebeam remote [NODE | PID]`: a prompt inside a program that runs. Lines are edited here, by the
  # Python that a program would get here, and run there.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI
  alias Rebeam.CLI.{Complaint, Options, Reach, Runner, Settings}
  alias Rebeam.CLI.Remote.{Shell, Terminal}

  @impl true
  def run(arguments) do
    if "--elixir" in arguments, do: Shell.run(arguments -- ["--elixir"]), else: python(arguments)
  end

  defp python(arguments) do
    with {:ok, {_, options} = target, []} <- Reach.take(arguments, [:python]),
         options = %{options | target: :remote},
         {:ok, options} <- Settings.fill(options) do
      # Beside what follows, as both take their time.
      Runner.begin(options)
      open(target, options)
    else
      {:ok, _, _} -> Complaint.say("remote takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 2
    end
  end

  defp open(target, options) do
    with {:ok, reached} <- Reach.open(target),
         :ok <- Terminal.start(reached, title(reached)) do
      CLI.finish({:run, Options.alone(options)})
    else
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  defp title(%{info: nil, node: node}), do: "#{node}"
  defp title(%{info: info}), do: Reach.title(info)
end
