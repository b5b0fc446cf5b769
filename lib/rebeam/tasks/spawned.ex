defmodule Rebeam.Tasks.Spawned do
  @moduledoc false
  @behaviour DynamicSupervisor

  # Functions that Python spawned, as processes. The spawner's own process makes them, so
  # links and monitors are there before the function begins, and true reasons arrive. Each
  # then has itself adopted by this supervisor, which ends them with the program.

  alias Rebeam.{Actor, Names, Output}
  alias Rebeam.Actor.Exits
  alias Rebeam.Child.DynamicServer

  # How long one gets to end in order, in milliseconds.
  @shutdown 5_000

  def child_spec(_),
    do: %{id: __MODULE__, start: {__MODULE__, :start_link, []}, type: :supervisor}

  def start_link, do: DynamicServer.start_link(__MODULE__, nil, name: __MODULE__)

  @impl true
  def init(nil),
    do: DynamicSupervisor.init(strategy: :one_for_one, max_restarts: 1000, max_seconds: 5)

  # So many are one message: the supervisor hears others in between.
  @at_once 5_000

  @typedoc "The script that it is for, and whose output it is: each nil if nobody's."
  @type origin :: {script :: pid | nil, leader :: pid | nil}

  @doc "Starts a process for each, in their order, without links and monitors."
  @spec spawn_many([reference], String.t(), origin) :: [pid]
  def spawn_many(handles, label, origin) do
    handles
    |> Enum.chunk_every(@at_once)
    |> Enum.flat_map(fn some ->
      maker = {__MODULE__, :starts, [some, label, origin]}
      {:ok, pids} = DynamicServer.start_many(Process.whereis(__MODULE__), maker, length(some))
      pids
    end)
  end

  @doc false
  def starts(handles, label, origin) do
    for handle <- handles do
      start = {__MODULE__, :begin, [handle, label, origin]}
      {start, {:temporary, @shutdown, :worker, [__MODULE__]}}
    end
  end

  @doc false
  def begin(handle, label, origin),
    do: {:ok, :proc_lib.spawn_link(__MODULE__, :run, [self(), handle, label, origin])}

  @doc false
  def run(supervisor, handle, label, {script, leader}) do
    exits = Exits.guard(%Exits{})
    Output.adopt(leader)
    begin_for(supervisor, script, handle, label, exits)
  end

  # Its script may have ended what was there, before this was.
  defp begin_for(supervisor, script, handle, label, exits) do
    Process.put(:"$ancestors", [supervisor | List.wrap(script)])
    if script && Names.script_left?(script), do: exit(:shutdown)
    Actor.run(handle, label, exits)
  end

  @doc """
  Starts a process for the function behind `handle`, as `:erlang.spawn_opt/2` does with
  `:link` and `:monitor`. `prepare` runs in it before the function does.
  """
  @spec spawn(reference, String.t(), [:link | :monitor], (... -> term)) :: pid | {pid, reference}
  def spawn(handle, label, options, prepare \\ fn -> nil end) do
    script = Names.script([self() | Process.get(:"$ancestors", [])])
    :proc_lib.spawn_opt(__MODULE__, :init_it, [handle, label, prepare, script], options)
  end

  @doc false
  def init_it(handle, label, prepare, script) do
    exits = Exits.guard(%Exits{})
    prepare.()
    begin_for(adopted(), script, handle, label, exits)
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
