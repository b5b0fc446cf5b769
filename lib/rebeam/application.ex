defmodule Rebeam.Application do
  @moduledoc false
  # In start order:
  #   Names      the local registry; without it no name is found
  #   Clients    acts for threads that run no actor
  #   Processes  what Python starts outside its trees (run_register_process)
  # None of them holds state that Python needs after its own restart but Names:
  # hence rest_for_one.
  use Application

  @impl true
  def start(_type, _arguments) do
    Rebeam.Log.install()

    children = [
      Rebeam.Names,
      Rebeam.Clients,
      %{
        id: Rebeam.Processes,
        type: :supervisor,
        start: {__MODULE__, :start_processes, []}
      }
    ]

    Supervisor.start_link(children, strategy: :rest_for_one, name: Rebeam.Supervisor)
  end

  @doc false
  def start_processes do
    flags = %{strategy: :one_for_one, intensity: 1000, period: 5}
    :supervisor.start_link({:local, Rebeam.Processes}, Rebeam.Trees.Supervisor, {flags, []})
  end
end
