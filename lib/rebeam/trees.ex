defmodule Rebeam.Trees do
  @moduledoc false
  # From a tree that Python declared to OTP's own supervisors. Python gives plain
  # data; what it made (instances, functions) are handles, referred to by index.

  require Logger

  alias Rebeam.{Actor, Bytes, Names, StateMachine, Units}
  alias Rebeam.Child.{Backoff, Lineage, Starter}
  alias Rebeam.Trees.{DynamicServer, Once}

  @strategies %{
    "one_for_one" => :one_for_one,
    "one_for_all" => :one_for_all,
    "rest_for_one" => :rest_for_one
  }
  @restarts %{"permanent" => :permanent, "transient" => :transient, "temporary" => :temporary}
  @auto_shutdowns %{
    "never" => :never,
    "any_significant" => :any_significant,
    "all_significant" => :all_significant
  }

  defmodule Static do
    @moduledoc false
    @behaviour :supervisor

    @impl true
    def init({start, label, flags, children}) do
      Lineage.born(start, label)
      {:ok, {flags, children}}
    end
  end

  defmodule Dynamic do
    @moduledoc false
    use DynamicSupervisor

    @impl true
    def init({start, label, flags}) do
      Lineage.born(start, label)
      DynamicSupervisor.init(flags)
    end
  end

  @doc """
  Starts a supervisor as Python described it, linked to the caller. With a starter, its first
  start is without its children: whoever asked for it adds them.
  """
  @spec start_link(map, [reference], String.t() | nil, Starter.t() | nil) ::
          {:ok, pid} | {:error, term} | :ignore
  def start_link(tree, handles, label \\ nil, starter \\ nil)

  def start_link(%{"dynamic" => true} = tree, _handles, label, _starter) do
    options = if tree["name"], do: [name: Names.via(tree["name"])], else: []

    flags = [
      strategy: :one_for_one,
      max_restarts: tree["max_restarts"],
      max_seconds: tree["max_seconds"],
      max_children: tree["max_children"] || :infinity
    ]

    Lineage.start(&DynamicServer.start_link(Dynamic, {&1, label, flags}, options))
  end

  def start_link(tree, handles, label, starter) do
    case Starter.begin(starter) do
      :sync -> start_static(tree, label, Enum.map(tree["children"], &spec(&1, handles)))
      :async -> start_static(tree, label, [])
      :abandoned -> :ignore
    end
  end

  defp start_static(tree, label, children) do
    flags = %{
      strategy: Map.fetch!(@strategies, tree["strategy"]),
      intensity: tree["max_restarts"],
      period: tree["max_seconds"],
      auto_shutdown: Map.fetch!(@auto_shutdowns, tree["auto_shutdown"])
    }

    Lineage.start(fn start ->
      argument = {start, label, flags, children}

      case tree["name"] do
        nil -> :supervisor.start_link(Static, argument)
        name -> :supervisor.start_link(Names.via(name), Static, argument)
      end
    end)
  end

  @doc "The specification of a child that Python described."
  @spec spec(map, [reference], Starter.t() | nil) :: Supervisor.child_spec()
  def spec(child, handles, starter \\ nil)

  def spec(%{"kind" => "supervisor"} = child, handles, starter) do
    start = {__MODULE__, :start_link, [child["tree"], handles, child["id"], starter]}
    child |> common() |> Map.merge(%{type: :supervisor, start: start})
  end

  def spec(child, handles, starter) do
    if text = child["kept"], do: Logger.notice(text <> ": it runs in the main interpreter")
    kind = if child["kind"] == "run", do: :run, else: :actor

    options = [
      kind: kind,
      restart: Map.fetch!(@restarts, child["restart"]),
      name: child["name"],
      label: child["id"],
      starter: if(kind == :actor, do: starter),
      thread: if(child["thread"] == "dedicated", do: :dedicated, else: :shared),
      backoff: Backoff.new(child["backoff"])
    ]

    common = common(child)

    start =
      if child["once"],
        do: once(child, handles, options, common),
        else: start(child, handles, options)

    Map.merge(common, %{type: :worker, start: start})
  end

  # Of which the cluster has one: by its name there, else by its id. The child itself registers
  # no such name.
  defp once(child, handles, options, common) do
    {name, own} =
      case child["name"] do
        {"global", name, _} -> {name, nil}
        own -> {{:once, child["id"]}, own}
      end

    how = %{
      label: child["id"],
      starter: options[:starter],
      shutdown: common.shutdown,
      restart: common.restart
    }

    inner = start(child, handles, Keyword.merge(options, name: own, starter: nil))
    {Once, :start_link, [name, inner, how]}
  end

  @doc "What logs call the child that a start function starts; nil if it is none of Python's."
  @spec label({module, atom, list} | nil) :: String.t() | nil
  def label(start), do: options(start)[:label]

  @doc "The options of the actor that a start function starts; nil if it starts none."
  @spec options({module, atom, list} | nil) :: keyword | nil
  def options({Units, :start_link, [_, _, _, _, options]}), do: options

  def options({module, :start_link, [_, options]}) when module in [Actor, StateMachine],
    do: options

  def options({Once, :start_link, [_name, start, _how]}), do: options(start)
  def options(_start), do: nil

  defp start(%{"request" => %Bytes{data: request}} = child, _handles, options) do
    arguments = [child["isolation"], child["program"], module(child["kind"]), request, options]
    {Units, :start_link, arguments}
  end

  defp start(child, handles, options),
    do: {module(child["kind"]), :start_link, [Enum.at(handles, child["recipe"]), options]}

  defp module("statem"), do: StateMachine
  defp module(_kind), do: Actor

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
