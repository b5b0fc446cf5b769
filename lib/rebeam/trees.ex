defmodule Rebeam.Trees do
  @moduledoc false
  # From a tree that Python declared to OTP's own supervisors. Python gives plain
  # data; what it made (instances, functions) are handles, referred to by index.

  require Logger

  alias Rebeam.{Actor, Bytes, Names, StateMachine, Units}
  alias Rebeam.Child.{Backoff, DynamicServer, Lineage, Restarts, Starter, StaticServer}
  alias Rebeam.Trees.Once

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
      Lineage.note_strategy(flags.strategy)
      Lineage.limited(flags.intensity, flags.period)
      {:ok, {flags, children}}
    end
  end

  defmodule Dynamic do
    @moduledoc false
    use DynamicSupervisor

    @impl true
    def init({start, label, flags}) do
      Lineage.born(start, label)
      Lineage.note_strategy(:dynamic)
      Lineage.limited(flags[:max_restarts], flags[:max_seconds])
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
    label = label || Names.text(tree["name"])
    options = if tree["name"], do: [name: Names.via(tree["name"])], else: []

    flags = [
      strategy: :one_for_one,
      max_restarts: tree["max_restarts"],
      max_seconds: tree["max_seconds"],
      max_children: tree["max_children"] || :infinity
    ]

    Lineage.start(&DynamicServer.start_link(Dynamic, {&1, label, flags}, options))
    |> Restarts.started(label)
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
      argument = {start, label || Names.text(tree["name"]), flags, children}
      StaticServer.start_link(tree["name"] && Names.via(tree["name"]), Static, argument)
    end)
    |> Restarts.started(label)
  end

  @doc "The specification of a child that Python described."
  @spec spec(map, [reference], Starter.t() | nil) :: Supervisor.child_spec()
  def spec(child, handles, starter \\ nil)

  def spec(%{"kind" => "supervisor"} = child, handles, starter) do
    start = {__MODULE__, :start_link, [child["tree"], handles, child["id"], starter]}
    child |> common() |> Map.merge(%{type: :supervisor, start: start})
  end

  def spec(child, handles, starter),
    do: spec_of(child, what(child, handles), starter)

  @doc """
  What starts many children that are described alike, but for what they are made from: handles of
  recipes, or requests; of supervisors all handles. What they have in common is one term.
  """
  @spec starts(map, [what], (non_neg_integer -> Starter.t())) :: [DynamicServer.start()]
        when what: reference | binary | [reference]
  def starts(child, each, starter) do
    if child["kind"] == "supervisor" or child["once"],
      do: apart(child, each, starter),
      else: alike(child, each, starter)
  end

  defp apart(child, each, starter) do
    for {what, index} <- Enum.with_index(each),
        do: DynamicServer.start_of(spec_of(child, what, starter.(index)))
  end

  defp alike(child, each, starter) do
    %{start: options} = common = worker(child)
    kept = DynamicServer.kept_of(%{common | start: {start_module(child), :start_link, []}})

    # Equal ones came as copies.
    {starts, _} =
      Enum.map_reduce(each, {0, nil}, fn what, {index, last} ->
        what = if what == last, do: last, else: what
        {{start(child, what, options(child, options, starter.(index))), kept}, {index + 1, what}}
      end)

    starts
  end

  @doc "That of one child, which is made from that."
  @spec spec_of(map, what, Starter.t() | nil) :: Supervisor.child_spec()
        when what: reference | binary | [reference]
  def spec_of(%{"kind" => "supervisor"} = child, handles, starter),
    do: spec(child, handles, starter)

  def spec_of(child, what, starter), do: child |> worker() |> one(child, what, starter)

  # All but what it is made from.
  defp worker(child) do
    if text = child["kept"], do: Logger.notice(text <> ": it runs in the main interpreter")
    kind = if child["kind"] == "run", do: :run, else: :actor

    options = [
      kind: kind,
      restart: Map.fetch!(@restarts, child["restart"]),
      name: child["name"],
      label: child["id"],
      thread: if(child["thread"] == "dedicated", do: :dedicated, else: :shared)
    ]

    options = if place = place(child), do: [{:place, place} | options], else: options

    child |> common() |> Map.merge(%{type: :worker, start: options})
  end

  @doc "Which worker machines will do for a child; nil if any, or it goes to none."
  @spec place(map) :: Units.Pool.demand()
  def place(%{"isolation" => "process", "node" => node}) when node != nil, do: {:node, node}
  def place(%{"isolation" => "process", "where" => label}) when label != nil, do: {:where, label}
  def place(_child), do: nil

  defp one(%{start: options} = worker, child, what, starter) do
    options = options(child, options, starter)

    start =
      if child["once"],
        do: once(child, what, options, worker),
        else: start(child, what, options)

    %{worker | start: start}
  end

  # Of which the cluster has one: by its name there, else by its id. The child itself registers
  # no such name.
  defp once(child, what, options, worker) do
    {name, own} =
      case child["name"] do
        {"global", name, _} -> {name, nil}
        own -> {{:once, child["id"]}, own}
      end

    how = %{
      label: child["id"],
      starter: options[:starter],
      shutdown: worker.shutdown,
      restart: worker.restart
    }

    inner = start(child, what, Keyword.merge(options, name: own, starter: nil))
    {Once, :start_link, [name, inner, how]}
  end

  defp options(%{"kind" => "run"} = child, options, _starter),
    do: [{:starter, nil}, {:backoff, Backoff.new(child["backoff"])} | options]

  defp options(child, options, starter),
    do: [{:starter, starter}, {:backoff, Backoff.new(child["backoff"])} | options]

  defp start_module(%{"program" => _}), do: Units
  defp start_module(child), do: module(child["kind"])

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

  defp what(%{"request" => %Bytes{data: request}}, _handles), do: request
  defp what(child, handles), do: Enum.at(handles, child["recipe"])

  defp start(%{"program" => digest} = child, request, options) do
    {Units, :start_link, [child["isolation"], digest, module(child["kind"]), request, options]}
  end

  defp start(child, recipe, options), do: {module(child["kind"]), :start_link, [recipe, options]}

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
