defmodule Mix.Tasks.Rebeam.Run do
  @shortdoc "Runs a Python program inside the Erlang VM"

  @moduledoc """
  Runs a Python program as `python` would, inside the Erlang VM.

      mix rebeam.run [options] main.py [arguments of the script]

  The project is compiled, then this OS process becomes the program: process id,
  terminal, signals and standard input are the script's own. Options before the
  script are Re:BEAM's (`mix rebeam.run --help` lists them), everything after it
  belongs to the script.

  The project's application and its dependencies are started first, with the
  project's configuration.
  """

  use Mix.Task

  alias Rebeam.CLI.{CommandLine, Cookie, Handover, Word}
  alias Rebeam.Loader

  @impl true
  def run(argv) do
    # Early, because until then ERTS has the signals: Ctrl-C shows its menu.
    Loader.default_signals()
    # Early too, because until then this VM goes on reading what is the script's.
    stdin = Handover.Stdin.detach()
    compile()
    argv = Enum.map(argv, &to_bytes(&1, :file.native_name_encoding()))

    case CommandLine.read(argv) do
      {:run, options} -> replace(start(options), stdin)
      {:word, word, arguments} = other -> word(word, arguments, other, stdin)
      other -> Rebeam.CLI.finish(other)
    end
  end

  # This VM cannot be the node that reaches a program.
  defp word(word, arguments, asked, stdin) do
    if Word.reaches?(word),
      do: replace(%{arguments: [word | arguments]}, stdin),
      else: Rebeam.CLI.finish(asked)
  end

  # Standard output belongs to the script from the first byte on.
  defp compile do
    leader = Process.group_leader()
    Process.group_leader(self(), Process.whereis(:standard_error))
    Mix.Task.run("compile")
    Process.group_leader(self(), leader)
  end

  # In the C locale Mix has taken each byte for a character.
  defp to_bytes(argument, :latin1), do: :unicode.characters_to_binary(argument, :utf8, :latin1)
  defp to_bytes(argument, :utf8), do: argument

  defp start(options) do
    Cookie.hand_on(options)

    %{
      arguments: options.argv,
      applications: applications(),
      config: Handover.Config.write(Handover.Config.read()),
      node: Cookie.node(options)
    }
  end

  defp replace(start, stdin) do
    {:error, reason} = with :ok <- Handover.Stdin.attach(stdin), do: Handover.replace(start)
    Mix.raise("cannot start a fresh Erlang VM: #{reason}")
  end

  defp applications do
    case Mix.Project.config()[:app] do
      nil -> [:rebeam]
      app -> Enum.uniq([:rebeam, app])
    end
  end
end
