defmodule Rebeam.Host do
  @moduledoc false
  # Starts one tree and stands for it. Who wants the tree does not wait in its own
  # process for actors that may take long, or start others, while they start.
  #
  #   starting --told the starter--> running --the supervisor ends--> ended with its reason
  use GenServer

  alias Rebeam.{Log, Starter, Trees}

  @doc "Starts `tree`; the starter is told what came of it."
  @spec start_link(map, [reference], Starter.t()) :: GenServer.on_start()
  def start_link(tree, handles, starter) do
    GenServer.start_link(__MODULE__, {tree, handles, starter})
  end

  @impl true
  def init(tree) do
    Process.flag(:trap_exit, true)
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
    case Log.gave_up(supervisor) do
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
