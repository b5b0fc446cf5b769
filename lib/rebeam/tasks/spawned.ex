defmodule Rebeam.Tasks.Spawned do
  @moduledoc false
  # Functions that Python spawned, as processes. The spawner's own process makes them, so
  # links and monitors are there before the function begins, and true reasons arrive. Each
  # then has itself adopted by this supervisor, which ends them with the program.

  alias Rebeam.{Actor, Names}
  alias Rebeam.Actor.Exits

  # How long one gets to end in order, in milliseconds.
  @shutdown 5_000

  def child_spec(_) do
    DynamicSupervisor.child_spec(name: __MODULE__, max_restarts: 1000, max_seconds: 5)
  end

  @doc """
  Starts a process for the function behind `handle`, as `:erlang.spawn_opt/2` does with
  `:link` and `:monitor`. `prepare` runs in it before the function does.
  """
  @spec spawn(reference, String.t(), [:link | :monitor], (... -> term)) :: pid | {pid, reference}
  def spawn(handle, label, options, prepare \\ fn -> nil end) do
    :proc_lib.spawn_opt(__MODULE__, :init_it, [handle, label, prepare], options)
  end

  @doc false
  def init_it(handle, label, prepare) do
    exits = Exits.guard(%Exits{})
    prepare.()
    script = Names.script(Process.get(:"$ancestors"))
    Process.put(:"$ancestors", [adopted() | List.wrap(script)])
    Actor.run(handle, label, exits)
  end

  # The supervisor, once it has this process for a child. Without one the program is ending.
  defp adopted do
    supervisor = Process.whereis(__MODULE__) || exit(:shutdown)

    spec = %{
      id: __MODULE__,
      start: {__MODULE__, :adopt, [self()]},
      restart: :temporary,
      shutdown: @shutdown
    }

    {:ok, _} = DynamicSupervisor.start_child(supervisor, spec)
    supervisor
  catch
    :exit, _ -> exit(:shutdown)
  end

  @doc false
  def adopt(pid) do
    Process.link(pid)
    {:ok, pid}
  end
end
