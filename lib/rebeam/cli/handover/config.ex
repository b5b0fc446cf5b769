defmodule Rebeam.CLI.Handover.Config do
  @moduledoc false
  # The project's configuration, which Mix has read, for the VM that comes next: it may hold
  # secrets that config/runtime.exs read from the environment.
  #
  #   write --path, on the command line--> the fresh VM boots with it --take--> the file is gone
  #                                         a restart writes another one <--rewrite--/
  #
  # So each run has a file of its own, in a folder that nobody else may look into.

  @doc "What `config/config.exs` and `config/runtime.exs` of the Mix project say."
  @spec read :: keyword
  def read do
    main = Mix.Project.config()[:config_path] || "config/config.exs"
    runtime = Path.join(Path.dirname(main), "runtime.exs")
    Enum.reduce([main, runtime], [], &merge/2)
  end

  @doc "Writes it as a sys.config file. Returns its path, or nil if it says nothing."
  @spec write(keyword) :: Path.t() | nil
  def write([]), do: nil
  def write(config), do: write_text(:io_lib.format("%% coding: utf-8~n~tp.~n", [config]))

  @doc "The flags of a VM that boots with it."
  @spec flags(Path.t() | nil) :: [String.t()]
  def flags(nil), do: []
  def flags(path), do: ["-config", path, "-rebeam_config", path]

  @doc "In the fresh VM, which has read the file: it is removed, and kept for a restart."
  @spec take :: :ok
  def take do
    with {:ok, [[path | _] | _]} <- :init.get_argument(:rebeam_config),
         {:ok, text} <- File.read(path) do
      :persistent_term.put(__MODULE__, text)
      File.rm(path)
      File.rmdir(Path.dirname(path))
    end

    :ok
  end

  @doc "The path of a new file with what `take/0` has kept, or nil."
  @spec rewrite :: Path.t() | nil
  def rewrite do
    with text when text != nil <- :persistent_term.get(__MODULE__, nil), do: write_text(text)
  end

  defp merge(path, config) do
    if File.regular?(path),
      do:
        Config.Reader.merge(
          config,
          Config.Reader.read!(path, env: Mix.env(), target: Mix.target())
        ),
      else: config
  end

  # The folder is closed before anything is in it.
  defp write_text(text) do
    name = "rebeam-#{System.pid()}-#{System.os_time(:nanosecond)}"
    folder = Path.join(System.tmp_dir!(), name)
    path = Path.join(folder, "sys.config")
    File.mkdir!(folder)
    File.chmod!(folder, 0o700)
    File.write!(path, :unicode.characters_to_binary(text))
    File.chmod!(path, 0o600)
    path
  end
end
