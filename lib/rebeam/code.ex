defmodule Rebeam.Code do
  @moduledoc false
  # Loads a Python module again, in all interpreters that have it, at once or not at all. On the main
  # node, one after the other; across programs that are connected, under a lock of `:global`'s.
  #
  #   places --prepare--> all ready --commit--> all done --watched: too many crashes--> revert
  #              \--> one refuses: nothing was changed      \--> one fails: revert, the same
  #
  # A place is an interpreter: that of a node, or a unit of it. Each has a process for as long as
  # that takes (place.ex), which forgets what was prepared when this one ends. A place that is gone
  # has nothing to change: what comes in its stead reads the file as it is now.
  use GenServer

  alias Rebeam.{Bytes, Nodes}
  alias Rebeam.Code.Place
  alias Rebeam.Python.Runtime
  alias Rebeam.Units.Pool

  require Logger

  @typedoc "Name, path and new text of a module, and the digest of its text before."
  @type source :: {String.t(), String.t(), Bytes.t(), Bytes.t()}
  @typedoc "How many crashes in how many milliseconds are too many: more than that."
  @type bound :: {non_neg_integer, non_neg_integer} | nil
  @typedoc "What differs, why nothing was changed, how many actors take it."
  @type result :: {changed :: [String.t()], refused :: [String.t()], actors :: non_neg_integer}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Has all of the program take the new text."
  @spec reload(source, bound) :: result
  def reload(source, bound), do: ask({:reload, source, bound})

  @doc "The same by the module's name as the main interpreter has it, or why there is none."
  @spec reload_named(String.t(), bound) :: {:ok, result} | {:error, String.t()}
  def reload_named(name, bound), do: ask({:reload_named, name, bound})

  @doc "The modules of the main interpreter whose files say something else by now."
  @spec changed :: {:ok, [String.t()]} | {:error, String.t()}
  def changed, do: ask(:changed)

  @doc "Each module's name and version, and what still runs another one."
  @spec versions :: [{String.t(), pos_integer, [tuple]}]
  def versions, do: ask(:versions)

  defp ask(request),
    do: Nodes.on_main(GenServer, :call, [__MODULE__, request, :infinity], :infinity)

  @doc "The interpreters of this node's program; none before Python is started."
  @spec places :: [Place.at()]
  def places do
    units = for {_, _, pid, target} <- Pool.units(), do: unit(pid, target)
    main() ++ units
  end

  defp main, do: if(Runtime.started?(), do: [{node(), :main}], else: [])

  defp unit(_pid, {:node, node}), do: {node, :main}
  defp unit(pid, {:interpreter, _, _}), do: {node(), {:interpreter, pid}}

  # ---- the server ----------------------------------------------------------------------------

  # The state is a change that is watched, or nil.
  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call({:reload, source, bound}, _from, watched) do
    settle(watched)
    {result, watched} = locked(&change(&1, source, bound))
    {:reply, result, watched}
  end

  def handle_call({:reload_named, name, bound}, from, watched) do
    case with_places(main(), &Place.ask(hd(&1), "find", name)) do
      {:ok, source} ->
        {:reply, result, watched} = handle_call({:reload, source, bound}, from, watched)
        {:reply, {:ok, result}, watched}

      {:error, text} ->
        {:reply, {:error, text}, watched}
    end
  end

  def handle_call(:changed, _from, watched) do
    {:reply, with_places(main(), &Place.ask(hd(&1), "changed")), watched}
  end

  def handle_call(:versions, _from, watched) do
    told = with_places(places(), &Place.ask_all(&1, "running"))
    {:reply, merge(for({_, {:ok, modules}} <- told, do: modules)), watched}
  end

  def handle_call(_request, _from, watched), do: {:reply, {:error, :not_a_rebeam_call}, watched}

  @impl true
  def handle_cast(_message, watched), do: {:noreply, watched}

  @impl true
  def handle_info({Place, :crashed}, watched) when watched != nil do
    count = watched.count + 1

    if count > watched.limit do
      Place.ask_all(watched.places, "revert")
      Logger.error("#{watched.name} was loaded again, and is what it was before: #{why(watched)}")
      settle(watched)
      {:noreply, nil}
    else
      {:noreply, %{watched | count: count}}
    end
  end

  def handle_info({:timeout, timer, :watched}, %{timer: timer} = watched) do
    settle(watched)
    {:noreply, nil}
  end

  def handle_info(_late, watched), do: {:noreply, watched}

  # ---- a change --------------------------------------------------------------------------------

  # With all places there are: those of connected programs, too, as far as they answer.
  defp locked(fun) do
    others = Enum.reject(Node.list(), &Nodes.busy?/1)

    theirs =
      for {node, {:ok, places}} <-
            Enum.zip(others, :erpc.multicall(others, __MODULE__, :places, [], Nodes.glance())),
          do: {node, places}

    nodes = [node() | Enum.map(theirs, &elem(&1, 0))]
    all = places() ++ Enum.flat_map(theirs, &elem(&1, 1))
    :global.trans({__MODULE__, self()}, fn -> fun.(all) end, nodes)
  end

  defp change(all, source, bound) do
    {places, silent} = Place.start_all(all)
    told = Place.ask_all(places, "prepare", source)
    refused = silent ++ Enum.flat_map(told, &refusal/1)
    ready = for {place, {:ok, {"ready", _, path}}} <- told, do: {place, path}
    changed = for {_, {:ok, {"ready", changed, _}}} <- told, name <- changed, uniq: true, do: name

    if refused == [],
      do: commit(places, ready, Enum.sort(changed), watch(source, bound)),
      else: refuse(places, refused)
  end

  defp refusal({_, {:ok, {"refused", _, texts}}}), do: texts
  defp refusal({_, {:error, text}}), do: [text]
  defp refusal(_), do: []

  defp commit(places, ready, changed, watch) do
    {changing, _paths} = Enum.unzip(ready)
    told = Place.ask_all(changing, "commit")
    failed = for {_, {:error, text}} <- told, do: text
    actors = Enum.sum(for {_, {:ok, count}} <- told, do: count)

    cond do
      failed != [] ->
        Place.ask_all(changing, "revert")
        refuse(places, failed)

      watch == nil or ready == [] ->
        Enum.each(places, &Place.stop/1)
        {{changed, [], actors}, nil}

      true ->
        # Where it is loaded in units alone, the main interpreter's path is theirs.
        paths = Map.new(ready)
        [{_, some} | _] = ready
        for place <- places, do: Place.watch(place, Map.get(paths, place, some))
        timer = :erlang.start_timer(watch.time, self(), :watched)
        {{changed, [], actors}, Map.merge(watch, %{places: places, timer: timer})}
    end
  end

  defp refuse(places, texts) do
    Enum.each(places, &Place.stop/1)
    {{[], Enum.uniq(texts), 0}, nil}
  end

  defp watch(_source, nil), do: nil

  defp watch({name, _, _, _}, {limit, time}),
    do: %{name: name, limit: limit, time: time, count: 0}

  defp why(%{limit: limit, time: time}),
    do: "more than #{limit} crashes in #{time / 1000} s have it in their tracebacks"

  defp settle(nil), do: :ok

  defp settle(watched) do
    :erlang.cancel_timer(watched.timer)
    Enum.each(watched.places, &Place.stop/1)
  end

  # ---- looking -----------------------------------------------------------------------------------

  defp with_places(places, fun) do
    {places, _silent} = Place.start_all(places)
    result = if places == [], do: {:error, "Python is not started"}, else: fun.(places)
    Enum.each(places, &Place.stop/1)
    result
  end

  # The main interpreter comes first, and says which version counts.
  defp merge(told) do
    told
    |> Enum.concat()
    |> Enum.group_by(&elem(&1, 0))
    |> Enum.map(fn {name, [{_, version, _} | _] = all} ->
      {name, version, Enum.flat_map(all, &elem(&1, 2))}
    end)
    |> Enum.sort()
  end
end
