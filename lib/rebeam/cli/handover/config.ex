defmodule Rebeam.CLI.Handover.Config do
  @moduledoc false
  # The project's configuration, which Mix has read, for the VM that comes next.

  @doc """
  Writes `config/config.exs` and `config/runtime.exs` of the Mix project as one
  sys.config file in the build folder. Returns its path, or nil without any.
  """
  @spec write :: Path.t() | nil
  def write do
    case read() do
      [] -> nil
      config -> write(config, Path.join(Mix.Project.build_path(), "rebeam.config"))
    end
  end

  defp read do
    main = Mix.Project.config()[:config_path] || "config/config.exs"
    runtime = Path.join(Path.dirname(main), "runtime.exs")
    Enum.reduce([main, runtime], [], &merge/2)
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

  # Renamed into place: another VM may be reading it.
  defp write(config, path) do
    text = :io_lib.format("%% coding: utf-8~n~tp.~n", [config])
    new = "#{path}.#{System.pid()}"
    File.mkdir_p!(Path.dirname(path))
    File.write!(new, :unicode.characters_to_binary(text))
    File.rename!(new, path)
    path
  end
end
