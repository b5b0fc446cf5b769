defmodule Rebeam.CLI.Handover do
  @moduledoc false
  # Replaces the VM that Mix runs in by a fresh one, as the shell's `exec` does:
  # process id, terminal, signals and standard input become the user's program's.

  alias Rebeam.Loader
  alias Rebeam.Units.Address

  # What the fresh VM runs with. Standard input is Python's, so nothing of Erlang
  # reads it (-noinput). Ctrl-C is Python's, so SIGINT keeps its default until
  # Python takes it (+Bd; +Bi would also ignore Ctrl-Z). Schedulers that spin
  # while idle would compete with Python's threads (+sbwt and its siblings).
  @emulator_flags ~w(+Bd +P 2000000 +fnu +sbwt short +sbwtdcpu none +sbwtdio none)
  # What OTP logs goes to standard error, as standard output is the script's.
  @flags ~w(-noinput -kernel logger) ++
           ["[{handler,default,logger_std_h,\#{config=>\#{type=>standard_error}}}]"]

  @type start :: %{
          required(:arguments) => [String.t()],
          optional(:applications) => [atom],
          optional(:config) => Path.t() | nil,
          optional(:node) => [String.t()]
        }

  @doc """
  Starts `Rebeam.CLI.main/0` in a VM that takes the place of this one.

    * `:arguments` - what the user typed after `rebeam`
    * `:applications` - to be started before the script
    * `:config` - a sys.config file
    * `:node` - flags that make the VM a node; without them it is one that nobody can find

  Returns only if that failed.
  """
  @spec replace(start) :: {:error, String.t()}
  def replace(start) do
    Loader.exec(program(), [program() | flags(start)])
  end

  @doc "The flags of the emulator itself, which benchmarks use as well."
  @spec emulator_flags :: [String.t()]
  def emulator_flags, do: @emulator_flags

  @doc "The command line of the fresh VM."
  @spec flags(start) :: [String.t()]
  def flags(start) do
    node_flags() ++
      named(Map.get(start, :node, [])) ++
      config(start[:config]) ++
      ["-rebeam", "applications", term(Map.get(start, :applications, []))] ++
      ["-s", "Elixir.Rebeam.CLI", "main", "-extra" | start.arguments]
  end

  @doc "What every VM of a program runs with: the code of this one, and no standard input."
  @spec node_flags :: [String.t()]
  def node_flags, do: @emulator_flags ++ @flags ++ ["-pa" | code_paths()]

  @doc """
  What starts a VM: this one was started with its variables by erl, wherever that is installed;
  calling erlexec again saves the shell script.
  """
  @spec program :: Path.t()
  def program do
    Path.join(System.get_env("BINDIR") || default_bindir(), "erlexec")
  end

  defp named([]), do: Address.flags()
  defp named(flags), do: flags

  defp default_bindir do
    Path.join([:code.root_dir(), "erts-#{:erlang.system_info(:version)}", "bin"])
  end

  # OTP's own folders are there by themselves.
  defp code_paths do
    own = List.to_string(:code.lib_dir())

    for path <- Enum.map(:code.get_path(), &List.to_string/1),
        path != ".",
        not String.starts_with?(path, own <> "/"),
        do: Path.expand(path)
  end

  defp config(nil), do: []
  defp config(path), do: ["-config", path]

  defp term(value), do: :io_lib.format("~w", [value]) |> IO.iodata_to_binary()
end
