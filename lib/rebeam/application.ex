defmodule Rebeam.Application do
  @moduledoc false
  # In start order:
  #   Front      has the main node in an OS process of its own, with `python_host: :process`
  #   Counters   which cell of memory is the counter of a name
  #   Courier    messages to nodes that do not take them at once
  #   Records    what Python logs
  #   Names      the local registry; without it no name is found
  #   Cluster    names in the cluster, and which nodes it has; on the main node
  #   Holder     the tables of the registries, on the main node
  #   Store      the registries
  #   Tables     the tables, and who writes their files
  #   Clients    acts for threads that run no actor
  #   Reasons    why processes ended that are gone
  #   Loans      large parts of messages to other OS processes
  #   Runtime    starts Python, at most once; runs its at-exit work when the VM stops
  #   Logs       what units log, on the main node
  #   Programs   what units have to know beforehand, on the main node
  #   Pool       the isolation units, on the main node
  #   Processes  what Python starts outside its trees (run_register_process)
  #   Moves      actors that came from other nodes, on the main node
  #   Spawned    functions that Python spawned, and its tasks
  #   Output     what Python prints for group leaders
  #   Groups     OTP's own process groups (:pg), in the scope `:rebeam`
  #   Topics     who subscribes to what
  #   Watch      which nodes are connected, and who hears of it
  #   Cluster    keeps nodes connected
  #   Timers     intervals, and timers whose target is looked up when they fire
  #   Survey     what all actors are at, for who looks in
  #   Crashes    the last ones, on the main node
  #   Telemetry  measurements, where `:telemetry` is
  #   Code       has modules loaded again, on the main node
  # None of them holds state that Python needs after its own restart but the first ones down to Tables:
  # hence rest_for_one. The last ten are last because no process depends on them: their own end costs
  # intervals, monitors of groups and nodes, and who it is that actors print for, and no actor; Topics
  # and Groups know after it what they knew before.
  use Application

  @impl true
  def start(_type, _arguments) do
    Rebeam.Child.Restarts.install()
    Rebeam.Actor.Clients.install()

    Rebeam.Log.Filter.install(%{
      label: &Rebeam.Trees.label/1,
      failed: &Rebeam.Child.Restarts.failed/3,
      silent: [Rebeam.Tasks.Spawned],
      actors: [Rebeam.Actor, Rebeam.StateMachine]
    })

    Rebeam.VM.Logging.attach()
    Rebeam.Actor.Wait.performed_by(Rebeam.Operation.Dispatch)

    children = [
      Rebeam.Counters,
      Rebeam.Nodes.Courier,
      Rebeam.Message.Records,
      Rebeam.Names,
      {Rebeam.Names.Cluster, &Rebeam.Actor.Merge.lose/2},
      {Rebeam.Registry.Holder, Rebeam.Registry.Store},
      Rebeam.Registry.Store,
      Rebeam.Tables,
      Rebeam.Actor.Clients,
      Rebeam.Message.Reasons,
      Rebeam.Message.Loans,
      Supervisor.child_spec(Rebeam.Python.Runtime,
        shutdown: Rebeam.Python.Ending.python_timeout() + 1_000
      ),
      Rebeam.Units.Logs,
      Rebeam.Units.Programs,
      Rebeam.Units.Pool,
      # A child here may fail as often as it likes; giving up is for trees.
      {DynamicSupervisor, name: Rebeam.Processes, max_restarts: 1000, max_seconds: 5},
      Rebeam.Moves,
      Rebeam.Tasks.Spawned,
      Rebeam.Output,
      Rebeam.Message.Groups,
      Rebeam.Topics.Server,
      Rebeam.Nodes.Watch,
      Rebeam.Cluster,
      Rebeam.Message.Timers,
      Rebeam.Observe.Survey,
      Rebeam.Log.Crashes,
      Rebeam.Observe.Telemetry,
      Rebeam.Code
    ]

    if Code.ensure_loaded?(Rebeam.Livebook), do: apply(Rebeam.Livebook, :install, [])
    options = [strategy: :rest_for_one, name: Rebeam.Supervisor]
    {front, more} = front(Application.get_env(:rebeam, :python_host))
    Supervisor.start_link(front ++ children, more ++ options)
  end

  # It ends with each main node that is lost, and what others here knew of that one with it. No other
  # begins before it is needed.
  defp front(nil), do: {[], []}
  defp front(:process), do: {[Rebeam.Front], [max_restarts: 1000, max_seconds: 5]}

  defp front(other) do
    raise ArgumentError,
          "config :rebeam, python_host: is :process, or is not there, not #{inspect(other)}"
  end
end
