defmodule Rebeam.Trees.Processes do
  @moduledoc false
  # What Python starts at run time outside its trees (run_register_process): children of the
  # application.

  alias Rebeam.{Nodes, Output, Processes, Trees}
  alias Rebeam.Child.Starter
  alias Rebeam.Tasks.Spawned
  alias Rebeam.Trees.Host
  alias Rebeam.Units.StandIn

  @doc """
  Starts one more, right now. The application's supervisor does not wait for it, so children may
  start others while they start themselves. As it has no order to keep, that holds for restarts too.
  """
  @spec start(map, [reference], leader :: pid | nil, script :: pid | nil) ::
          {:ok, pid} | {:error, term}
  def start(child, handles, leader, script) do
    starter = Starter.new(:every)
    spec = child |> hosted(handles, starter) |> Map.delete(:significant)
    spec = update_in(spec.start, &{__MODULE__, :start_for, [script, leader, &1]})

    with {:ok, pid} <- DynamicSupervisor.start_child(Processes, spec),
         {:error, reason} <- await(child, pid, starter) do
      DynamicSupervisor.terminate_child(Processes, pid)
      {:error, reason}
    end
  end

  @doc "Ends what `start` started: the child itself, or the one that hosts this supervisor."
  @spec stop(pid) :: :ok | {:error, :not_found}
  def stop(pid) do
    children = children(Processes)
    mine = Enum.find([pid | ancestors(pid)], pid, &(&1 in children))
    DynamicSupervisor.terminate_child(Processes, mine)
  end

  defp children(supervisor),
    do: for({_, child, _, _} <- DynamicSupervisor.which_children(supervisor), do: child)

  defp ancestors(pid) do
    case Nodes.process_info(pid, [:dictionary]) do
      [dictionary: dictionary] -> Keyword.get(dictionary, :"$ancestors", [])
      nil -> []
    end
  end

  @doc false
  # In the supervisor: what the child prints is not the application's, and it has the script that it
  # was started for among its ancestors.
  def start_for(script, leader, {module, function, arguments}) do
    before = Process.get(:"$ancestors")
    Process.put(:"$ancestors", before ++ List.wrap(script))

    try do
      Output.with_leader(leader, module, function, arguments)
    after
      Process.put(:"$ancestors", before)
    end
  end

  @doc "Ends what was started for a script, the newest first, also functions that it spawned."
  @spec stop_all(pid) :: :ok
  def stop_all(script) do
    for supervisor <- [Spawned, Processes],
        pid <- supervisor |> children() |> Enum.sort(:desc),
        script in ancestors(pid),
        do: DynamicSupervisor.terminate_child(supervisor, pid)

    :ok
  catch
    # With the application they have ended.
    :exit, _ -> :ok
  end

  # A function has started when its process has.
  defp await(%{"kind" => "run"}, pid, _starter), do: {:ok, StandIn.actor(pid)}
  defp await(_child, pid, starter), do: Starter.await(pid, starter)

  defp hosted(%{"kind" => "supervisor"} = child, handles, starter) do
    %{Trees.spec(child, handles) | start: {Host, :start_link, [child["tree"], handles, starter]}}
  end

  defp hosted(child, handles, starter), do: Trees.spec(child, handles, starter)
end
