defmodule Rebeam.CLI.Runner do
  @moduledoc false
  # Runs one script in a VM of its own, and ends the VM with its status.
  #
  #   start Python --> body, then trees --> orderly end --> at-exit work --> halt

  alias Rebeam.{Cluster, Names, Native, PythonError, Tables, Web}
  alias Rebeam.CLI.{CommandLine, Complaint, Options, Restart}
  alias Rebeam.CLI.Reach.Server
  alias Rebeam.CLI.Stop.Program
  alias Rebeam.Cluster.{Refusal, Spec}
  alias Rebeam.Program.Script
  alias Rebeam.Python.{Ending, Runtime, Start}
  alias Rebeam.Trees.Host
  alias Rebeam.Units.{Address, Pool}
  alias Rebeam.VM.{Logging, Service}

  # How long each of the steps before Python's end may take, in milliseconds.
  @processes_timeout 60_000
  # How long what is still starting gets then.
  @start_limit 5_000
  # How often, each millisecond, code that got ActorExit is looked for.
  @code_tries 500

  @doc "Begins to start what the program needs."
  @spec begin(Options.t()) :: :ok
  def begin(options),
    do: Start.begin(Options.python(options), CommandLine.python_arguments(options))

  @spec run(Options.t()) :: no_return
  def run(options) do
    Program.begin()
    Application.put_env(:rebeam, :program, CommandLine.words(options.target) ++ options.args)
    # Beside Python's start, as both take their time.
    node = Task.async(fn -> be_found(options) end)

    with :ok <- connect(options),
         :ok <- Runtime.start(Options.python(options), CommandLine.python_arguments(options)),
         :ok <- Task.await(node, :infinity),
         :ok <- show(options),
         :ok <- isolate(options) do
      options |> script() |> finish(options)
    else
      {:error, text} -> fail(text)
    end
  end

  defp be_found(options) do
    :ok = Address.start_main()
    Server.start(options)
  end

  defp show(%{dashboard: nil, metrics: nil}), do: :ok

  defp show(options) do
    asked = Map.take(options, [:dashboard, :metrics])
    script = Enum.join(CommandLine.words(options.target), " ")
    what = for {kind, address} <- asked, address != nil, do: {kind, address}
    Web.show([control: options.dashboard_control == :yes, script: script] ++ what)
  end

  # Units that all children go to are started at once, beside the body.
  defp isolate(%{isolation: isolation} = options) do
    for key <- [:isolation, :workers, :unit_memory, :watch],
        do: Application.put_env(:rebeam, key, Map.get(options, key))

    if isolation != :shared, do: Pool.warm(to_string(isolation))
    :ok
  end

  # Those that were there once are kept.
  defp connect(options) do
    with :ok <- Enum.find_value(options.connect, :ok, &connect_node/1) do
      Cluster.want(Enum.map(options.connect, &Spec.learned/1))
      if options.cluster, do: Cluster.join(options.cluster)
      :ok
    end
  end

  # Nil when it worked. The atom is the user's own, from the command line.
  defp connect_node(text) do
    name = Spec.learned(text)

    case Node.connect(String.to_atom(name)) do
      true -> nil
      false -> {:error, "--connect #{text}: #{Refusal.why(name)}"}
      :ignored -> {:error, "--connect needs --name or --sname: this program is no node"}
    end
  end

  defp script(options) do
    :ok = Native.heed_signals()
    # Whatever ends the script's process, the program ends with it.
    Process.flag(:trap_exit, true)
    {mode, target} = target(options.target)
    argv = Runtime.argv(CommandLine.python_arguments(options))
    {:ok, script} = Script.start_link(mode, target, argv)
    await(script)
  end

  # What rebeam._program.boot.load is told.
  defp target(kind) when is_atom(kind), do: {Atom.to_string(kind), ""}
  defp target({kind, what}), do: {Atom.to_string(kind), what}

  # Also whether a signal came.
  defp await(script, signalled? \\ false) do
    receive do
      {:rebeam_script, ^script, result, body} ->
        {result, body, signalled?}

      {:EXIT, ^script, reason} ->
        text = "the script's process ended: " <> PythonError.reason_text(reason)
        {{:gave_up, text}, :running, signalled?}

      {:"$rebeam", :signal, status} ->
        Service.stopping()
        Script.stop(script, status)
        await(script, true)
    end
  end

  # A signal that came on the way ends the program, whatever else would have.
  defp finish({result, body, signalled?}, options) do
    if not signalled? and options.restart == :never, do: Service.stopping()
    stop_processes()
    stop_applications()
    await_code(@code_tries)
    Names.Cluster.leave()
    Pool.stop()
    status = result |> report() |> max(at_exit(body, signalled?))
    signalled = Native.end_signals()
    again? = signalled == nil and Restart.again?(options, status)
    Ending.bounded(@processes_timeout, &Tables.sync/0)
    Ending.flush()
    if again?, do: Restart.exec(options), else: Pool.dismiss()
    Program.tell(signalled || status)
    Native.halt(signalled || status)
  end

  # What was started outside the trees; bounded, as one that still starts may never end.
  defp stop_processes do
    {:ok, cut} = :timer.apply_interval(@start_limit, __MODULE__, :cut_starts, [])
    Ending.processes(@processes_timeout)
    :timer.cancel(cut)
  end

  @doc false
  def cut_starts, do: Enum.each(Names.hosts(), fn {host, _} -> Host.cut_starts(host) end)

  # Code of actors that are gone runs its `finally` blocks beside their processes' ends.
  defp await_code(tries) do
    counts = Native.counts()

    if tries > 0 and counts.suspended + counts.queued > 0 do
      Process.sleep(1)
      await_code(tries - 1)
    end
  end

  # The project's own, which may have Python among their children.
  defp stop_applications do
    Logging.hide_stops()
    names = Application.get_env(:rebeam, :applications, []) -- [:rebeam]

    Ending.bounded(@processes_timeout, fn ->
      names |> Enum.reverse() |> Enum.each(&Application.stop/1)
    end)
  end

  defp report({:status, status}), do: status

  defp report({:gave_up, text}) do
    Complaint.say(text)
    1
  end

  # A body that still runs has Python's main thread: nothing can be run there.
  defp at_exit(:running, _signalled?), do: 0

  # A script without actors takes its time, as under python: its threads may be all of it.
  # A signal ends it.
  defp at_exit(:over, signalled?) do
    case {Native.counts().jobs == 0, signalled?} do
      {true, false} -> await_plain_exit()
      {true, true} -> 0
      {false, _} -> Ending.python()
    end
  end

  defp await_plain_exit do
    Native.python_finish()

    receive do
      {:"$rebeam", word, status} when word in [:exited, :signal] -> status
    end
  end

  @spec fail(String.t()) :: no_return
  defp fail(text) do
    Complaint.say(text)
    System.halt(2)
  end
end
