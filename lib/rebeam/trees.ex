defmodule Rebeam.Trees do
  @moduledoc false
  # From a tree that Python declared to OTP's own supervisors. Python gives plain
  # data; what it made (instances, functions) are handles, referred to by index.

  alias Rebeam.{Actor, Host, Names, Processes, PythonError, Starter}

  @strategies %{
    "one_for_one" => :one_for_one,
    "one_for_all" => :one_for_all,
    "rest_for_one" => :rest_for_one
  }
  @restarts %{"permanent" => :permanent, "transient" => :transient, "temporary" => :temporary}

  defmodule Supervisor do
    @moduledoc false
    @behaviour :supervisor

    def start_link(nil, argument), do: :supervisor.start_link(__MODULE__, argument)

    def start_link(name, argument) do
      :supervisor.start_link(Names.via(name), __MODULE__, argument)
    end

    @impl true
    def init({flags, children}), do: {:ok, {flags, children}}
  end

  @doc "Starts a supervisor as Python described it, linked to the caller."
  @spec start_link(map, [reference]) :: {:ok, pid} | {:error, term}
  def start_link(tree, handles) do
    Supervisor.start_link(tree["name"], {flags(tree), children(tree, handles)})
  end

  @doc """
  Starts one more child under the application, right now. The application's supervisor
  does not wait for it, so children may start others while they start themselves.
  """
  @spec start_child(map, [reference]) :: {:ok, pid} | {:error, term}
  def start_child(child, handles) do
    starter = Starter.new()
    spec = child |> hosted(handles, starter) |> Map.delete(:significant)

    with {:ok, pid} <- DynamicSupervisor.start_child(Processes, spec),
         {:error, reason} <- await(child, pid, starter) do
      DynamicSupervisor.terminate_child(Processes, pid)
      {:error, reason}
    end
  end

  @doc "Ends what `start_child` started: the child itself, or the one that hosts this supervisor."
  @spec stop_child(pid) :: :ok | {:error, :not_found}
  def stop_child(pid) do
    children = for {_, child, _, _} <- DynamicSupervisor.which_children(Processes), do: child
    mine = Enum.find([pid | ancestors(pid)], pid, &(&1 in children))
    DynamicSupervisor.terminate_child(Processes, mine)
  end

  defp ancestors(pid) do
    case Process.info(pid, :dictionary) do
      {:dictionary, dictionary} -> Keyword.get(dictionary, :"$ancestors", [])
      nil -> []
    end
  end

  # A function has started when its process has.
  defp await(%{"kind" => "run"}, pid, _starter), do: {:ok, pid}
  defp await(_child, pid, starter), do: Starter.await(pid, starter)

  defp hosted(%{"kind" => "supervisor"} = child, handles, starter) do
    %{spec(child, handles) | start: {Host, :start_link, [child["tree"], handles, starter]}}
  end

  defp hosted(child, handles, starter), do: spec(child, handles, starter: starter)

  @doc "A start failure as text: the Python traceback where there is one."
  @spec start_error(term) :: String.t()
  def start_error({:shutdown, {:failed_to_start_child, id, reason}}) do
    "child #{id} did not start: " <> start_error(reason)
  end

  def start_error({:already_started, pid}), do: "its name is taken by #{inspect(pid)}"
  def start_error(reason), do: PythonError.reason_text(reason)

  defp flags(tree) do
    %{
      strategy: Map.fetch!(@strategies, tree["strategy"]),
      intensity: tree["max_restarts"],
      period: tree["max_seconds"],
      auto_shutdown: if(significant?(tree), do: :any_significant, else: :never)
    }
  end

  defp significant?(tree), do: Enum.any?(tree["children"], & &1["significant"])

  defp children(tree, handles), do: Enum.map(tree["children"], &spec(&1, handles))

  defp spec(child, handles, more \\ [])

  defp spec(%{"kind" => "supervisor"} = child, handles, _more) do
    tree = child["tree"]

    child
    |> common()
    |> Map.merge(%{type: :supervisor, start: {__MODULE__, :start_link, [tree, handles]}})
  end

  defp spec(child, handles, more) do
    kind = if child["kind"] == "run", do: :run, else: :actor
    options = [kind: kind, name: child["name"], label: child["id"]] ++ more
    handle = Enum.at(handles, child["recipe"])

    child
    |> common()
    |> Map.merge(%{type: :worker, start: {Actor, :start_link, [handle, options]}})
  end

  defp common(child) do
    %{
      id: child["id"],
      restart: Map.fetch!(@restarts, child["restart"]),
      shutdown: shutdown(child["shutdown"]),
      significant: child["significant"]
    }
  end

  defp shutdown("brutal_kill"), do: :brutal_kill
  defp shutdown("infinity"), do: :infinity
  defp shutdown(milliseconds), do: milliseconds
end
