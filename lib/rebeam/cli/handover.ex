defmodule Rebeam.CLI.Handover do
  @moduledoc false
  # Replaces the VM that Mix runs in by a fresh one, as the shell's `exec` does:
  # process id, terminal, signals and standard input become the program's.

  alias Rebeam.{Loader, VM}
  alias Rebeam.CLI.Handover.Config
  alias Rebeam.Python.Ending
  alias Rebeam.Units.{Address, Transport}

  @shell :rebeam_shell

  @type start :: %{
          required(:arguments) => [String.t()],
          optional(:applications) => [atom],
          optional(:config) => Path.t() | nil,
          optional(:node) => :unnamed | :without_epmd | Address.secret(),
          optional(:tls) => Path.t() | nil,
          optional(:transport) => [String.t()],
          optional(:shell) => boolean,
          optional(:code) => [Path.t()]
        }

  @doc """
  Starts `Rebeam.CLI.main/0` in a VM that takes the place of this one.

    * `:arguments` - what the user typed after `rebeam`
    * `:applications` - to be started before the script
    * `:config` - a sys.config file, which that VM removes once it has read it
    * `:code` - the folders of its modules, if not those of this VM
    * `:node` - how a VM that will be a node with a name starts; without it it is one that nobody
      can find
    * `:tls` - the folder of what it needs to speak TLS; or, as `:transport`, the flags for that
    * `:shell` - it leaves Ctrl-C to a shell of Erlang's

  Returns only if that failed.
  """
  @spec replace(start) :: {:error, String.t()}
  def replace(start) do
    with :ok <- Loader.hand_over("#{Loader.library("rebeam_forked")}.so") do
      quietly(fn ->
        # What this VM has said would be lost with it.
        Ending.flush_ports()
        close_sockets()
        Loader.exec(VM.program(), [VM.program() | flags(start)])
      end)
    end
  end

  # Whoever finds its socket closed may still say so before this VM is gone.
  defp quietly(fun) do
    %{level: level} = :logger.get_primary_config()
    :logger.set_primary_config(:level, :none)
    result = fun.()
    :logger.set_primary_config(:level, level)
    result
  end

  # Mix listens to others of its kind, from Elixir 1.18 on. In the next VM nothing would tell such a
  # socket from one that the shell gave to the program.
  defp close_sockets do
    for port <- Port.list(),
        Port.info(port, :name) in [{:name, ~c"tcp_inet"}, {:name, ~c"udp_inet"}] do
      Port.close(port)
    end
  end

  @doc "The command line of the fresh VM."
  @spec flags(start) :: [String.t()]
  def flags(start) do
    shell(code(start), start[:shell]) ++
      Address.flags(Map.get(start, :node, :unnamed)) ++
      Map.get(start, :transport, Transport.flags(start[:tls])) ++
      Config.flags(start[:config]) ++
      ["-rebeam", "applications", term(Map.get(start, :applications, []))] ++
      entry() ++ start.arguments
  end

  @doc "What runs the command line that follows."
  @spec entry :: [String.t()]
  def entry, do: ["-s", "Elixir.Rebeam.CLI", "main", "-extra"]

  @doc "Whether this VM leaves Ctrl-C to the shell that it is started for."
  @spec for_shell? :: boolean
  def for_shell?, do: :init.get_argument(@shell) != :error

  defp shell(flags, true),
    do: Enum.map(flags, &if(&1 == "+Bd", do: "+Bc", else: &1)) ++ ["-#{@shell}"]

  defp shell(flags, _), do: flags

  defp code(%{code: code}), do: VM.flags(code)
  defp code(_), do: VM.flags()

  defp term(value), do: :io_lib.format("~w", [value]) |> IO.iodata_to_binary()
end
