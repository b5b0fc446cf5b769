defmodule Rebeam.CLI do
  @moduledoc false
  # The entry of the VM that runs a script: `rebeam` in a release, and what
  # `mix rebeam.run` becomes.

  alias Rebeam.{Loader, VM}

  alias Rebeam.CLI.{
    CommandLine,
    Complaint,
    Cookie,
    Early,
    Handover,
    LauncherFlags,
    Options,
    Runner
  }

  alias Rebeam.CLI.Handover.Config
  alias Rebeam.Units.{Address, Transport}
  alias Rebeam.VM.{Environment, Logging}

  @usage_status 2

  @doc "Runs the command line that follows `-extra`. The VM ends with it."
  @spec main :: no_return
  def main do
    asked = Early.result() || prepare()
    Loader.default_signals()
    Loader.seal_descriptors()
    finish(asked)
  end

  @doc """
  For the boot script of a release: begins what can be done while the kernel starts, in the VM that
  the launcher starts. Units boot with that script, too.
  """
  @spec early :: :ok
  def early do
    if :init.get_argument(LauncherFlags.early()) != :error, do: Early.start(&prepare/0)
    :ok
  end

  # What the command line asks for. Python begins to start, unless another VM has to take this one's
  # place before.
  defp prepare do
    Loader.default_signals()
    Config.take()
    Environment.restore()
    Loader.seal_descriptors()

    with {:run, options} = asked <- CommandLine.read(VM.arguments()) do
      # Before Python, whose native part looks once whether this is debug mode.
      Logging.setup(options.log_level, options.log_format)
      # So does its executor for these. They are the VM's own, and those of its units.
      for key <- [:warn_blocked, :log_locals, :flight_recorder],
          do: System.put_env(Options.variable(key), Options.shown(Map.fetch!(options, key)))

      if options.flight_recorder > 0, do: System.put_env("REBEAM_CRASHES", crashes())

      if Options.node_name(options) == nil, do: Runner.begin(options)
      asked
    end
  end

  # The script may change the working folder. There may be no file server yet.
  defp crashes do
    {:ok, folder} = :prim_file.get_cwd()
    Path.join(List.to_string(folder), "rebeam-crashes")
  end

  @doc "Does what the command line asks for, and ends the VM."
  @spec finish(CommandLine.result()) :: no_return
  def finish({:run, options}) do
    be_node(options)
    # Beside that of the applications, as both take their time.
    Runner.begin(options)
    load_modules()
    start_applications(options)
    Runner.run(options)
  end

  def finish({:word, word, arguments}) do
    start_elixir()
    module = Module.concat(__MODULE__, Macro.camelize(word))
    System.halt(module.run(arguments))
  end

  def finish({kind, text}) when kind in [:help, :version] do
    start_elixir()
    IO.puts(String.trim_trailing(text))
    System.halt(0)
  end

  def finish({:error, text}) do
    start_elixir()
    Complaint.say(text)
    System.halt(@usage_status)
  end

  # What a release's boot script (.ci/boot-script) says that each program needs, all at once.
  defp load_modules,
    do: :rebeam |> Application.get_env(:start_modules, []) |> :code.ensure_modules_loaded()

  # It says how text is encoded.
  defp start_elixir, do: {:ok, _} = :application.ensure_all_started(:elixir)

  # Before the project's applications, which may look for others. The launcher starts a VM that
  # cannot have a name before it knows the options: another one takes its place then.
  defp be_node(options) do
    Cookie.hand_on(options)

    with {name, domain} <- Options.node_name(options),
         :ok <- if(options.tls, do: Transport.check(options.tls), else: :ok),
         :ok <- if(Address.unnamed?(), do: start_again(options), else: :ok),
         {:ok, cookie} <- cookie(options),
         :ok <- Address.start_named(name, domain, cookie, Map.from_struct(options)) do
      :ok
    else
      nil -> :ok
      {:error, text} -> finish({:error, text})
    end
  end

  # OTP has read its own file unless it was told another cookie.
  defp cookie(options),
    do: if(Address.own_discovery?(), do: Cookie.find(options), else: Cookie.read(options))

  defp start_again(options) do
    Environment.prepare_start()

    Handover.replace(%{
      arguments: options.argv,
      applications: [:rebeam],
      node: Cookie.node(options),
      tls: options.tls
    })
  end

  # The project's own, as `mix run` would; named by the VM that came before.
  defp start_applications(options) do
    # Its environment, of which the command line is a part, comes with loading.
    Application.load(:rebeam)
    Application.put_env(:rebeam, :cluster_size, options.cluster_size)
    Application.put_env(:rebeam, :cluster_lease, options.cluster_lease)
    # What the command runs is in the VM that it becomes.
    Application.delete_env(:rebeam, :python_host)

    :rebeam
    |> Application.get_env(:applications, [:rebeam])
    |> Enum.each(&start_application/1)
  end

  defp start_application(name) do
    case Application.ensure_all_started(name) do
      {:ok, _} ->
        :ok

      {:error, {failed, reason}} ->
        text = "application #{failed} does not start: #{Exception.format_exit(reason)}"
        Complaint.say(text)
        System.halt(1)
    end
  end
end
