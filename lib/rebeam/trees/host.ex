defmodule Rebeam.Trees.Host do
  @moduledoc false
  # Starts one tree and stands for it. Who wants the tree does not wait in its own
  # process for actors that may take long, or start others, while they start.
  #
  #   starting --told the starter--> running --the supervisor ends--> ended with its reason
  use GenServer

  alias Rebeam.{Names, Trees}
  alias Rebeam.Child.{Lineage, Starter}
  alias Rebeam.Log.Filter

  @doc "Starts `tree`; the starter is told what came of it."
  @spec start_link(map, [reference], Starter.t()) :: GenServer.on_start()
  def start_link(tree, handles, starter) do
    GenServer.start_link(__MODULE__, {{tree, handles, starter}, self()})
  end

  @doc """
  Waits until what hosts still shut down is gone whose owners were killed: whoever takes their
  place wants their names.
  """
  @spec await_orphans(timeout) :: :ok
  def await_orphans(limit) do
    for {host, owner} <- Names.hosts(), not Process.alive?(owner) do
      monitor = Process.monitor(host)

      receive do
        {:DOWN, ^monitor, :process, _, _} -> :ok
      after
        limit -> kill(host)
      end
    end

    :ok
  end

  @doc """
  Kills what starts anywhere below `pid`. While a supervisor waits for a child to start, it
  hears nothing of its own end; then it goes on, and ends the others in order.
  """
  @spec cut_starts(pid) :: :ok
  def cut_starts(pid) do
    for child <- Lineage.started(pid) do
      if Lineage.starts?(child, pid) and not Lineage.waits?(child),
        do: Process.exit(child, :kill),
        else: cut_starts(child)
    end

    :ok
  end

  # With all that it has started.
  defp kill(pid) do
    children = Lineage.started(pid)
    Process.exit(pid, :kill)
    Enum.each(children, &kill/1)
  end

  @impl true
  def init({tree, owner}) do
    Process.flag(:trap_exit, true)
    Names.register_host(owner)
    {:ok, nil, {:continue, tree}}
  end

  @impl true
  def handle_continue({tree, handles, starter}, nil) do
    case Trees.start_link(tree, handles) do
      {:ok, supervisor} ->
        Starter.tell(starter, {:ok, supervisor})
        {:noreply, supervisor}

      {:error, reason} ->
        Starter.fail(starter, reason)
        {:stop, {:shutdown, reason}, nil}
    end
  end

  @impl true
  def handle_info({:EXIT, supervisor, reason}, supervisor) do
    case Filter.gave_up(supervisor) do
      nil -> {:stop, reason, nil}
      child -> {:stop, {:shutdown, {:gave_up, child}}, nil}
    end
  end

  def handle_info(_message, supervisor), do: {:noreply, supervisor}

  @impl true
  def terminate(_reason, nil), do: :ok

  def terminate(_reason, supervisor) do
    monitor = Process.monitor(supervisor)
    Process.exit(supervisor, :shutdown)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end
end
