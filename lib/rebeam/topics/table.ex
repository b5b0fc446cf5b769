defmodule Rebeam.Topics.Table do
  @moduledoc false
  # The subscriptions that a node knows, in two tables of ETS that all read:
  #
  #   subscriptions   {{topic or pattern, pid}, route, max_queue, when_full, dropped}
  #   the trie        {beginning of a pattern, patterns with it, the pattern itself}, the last two as
  #                   numbers. Patterns with the words a.*.b have the beginnings a, a.* and a.*.b
  #
  # So what matches a topic is found along its words, however many patterns there are. Who writes is
  # `Rebeam.Topics.Server` alone, but for what is dropped, and a subscription that is found full and
  # stopped by whoever publishes.

  alias Rebeam.Topics.Pattern

  @subscriptions Rebeam.Topics.Subscriptions
  @trie Rebeam.Topics.Trie

  @typedoc """
  How a message gets there: to an actor of this node, whose waiting messages are counted; to
  another process as a cast or as a plain message; or to the server of its node, which is a unit of
  this program or not of it.
  """
  @type route :: :actor | :cast | :plain | {:unit | :node, pid}
  @type when_full :: :drop | :stop
  @type subscription ::
          {{String.t(), pid}, route, pos_integer | nil, when_full, non_neg_integer}

  @doc "The name of the server, on each node."
  @spec server() :: atom
  def server, do: @subscriptions

  @doc "They belong to the calling process, and outlive the server."
  @spec make() :: :ok
  def make do
    options = [:named_table, :public, read_concurrency: true, write_concurrency: true]

    if :ets.whereis(@subscriptions) == :undefined do
      :ets.new(@subscriptions, [:ordered_set | options])
      :ets.new(@trie, [:set | options])
    end

    :ok
  end

  @typedoc "How a message gets to a process."
  @type way :: {pid, route, max_queue :: pos_integer | nil}

  @doc "One for each process that a message of that topic goes to: the one that allows most."
  @spec matching(String.t()) :: [way]
  def matching(topic) do
    case Enum.flat_map([topic | patterns(topic)], &with([_ | _] = found <- of(&1), do: [found])) do
      [] -> []
      [one] -> one
      several -> several |> Enum.concat() |> Enum.reduce(%{}, &most/2) |> Map.values()
    end
  end

  defp of(topic) do
    found = {{{topic, :"$1"}, :"$2", :"$3", :_, :_}, [], [{{:"$1", :"$2", :"$3"}}]}
    :ets.select(@subscriptions, [found])
  end

  # A number is less than nil, as any atom is more.
  defp most({pid, _, max_queue} = way, ways) do
    case ways do
      %{^pid => {_, _, other}} when other >= max_queue -> ways
      _ -> Map.put(ways, pid, way)
    end
  end

  @doc "Those of a process for that topic."
  @spec matching(String.t(), pid) :: [subscription]
  def matching(topic, pid),
    do: Enum.flat_map([topic | patterns(topic)], &:ets.lookup(@subscriptions, {&1, pid}))

  @spec find(String.t(), pid) :: [subscription]
  def find(topic, pid), do: :ets.lookup(@subscriptions, {topic, pid})

  @doc "Those that go by one of these routes."
  @spec by_route([route]) :: [subscription]
  def by_route(routes) do
    patterns = for route <- routes, do: {{:_, route, :_, :_, :_}, [], [:"$_"]}
    :ets.select(@subscriptions, patterns)
  end

  @doc "Those of this node."
  @spec own() :: [subscription]
  def own, do: by_route([:actor, :cast, :plain])

  @doc "The servers of other nodes whose subscriptions these are."
  @spec routes() :: [route]
  def routes do
    theirs = {{:_, :"$1", :_, :_, :_}, [{:is_tuple, :"$1"}], [:"$1"]}
    @subscriptions |> :ets.select([theirs]) |> Enum.uniq()
  end

  # ---- patterns ------------------------------------------------------------------------------

  # Along the words, with all beginnings of patterns that fit so far.
  defp patterns(topic) do
    topic
    |> Pattern.words()
    |> Enum.reduce(any_words([""]), fn word, beginnings ->
      any_words(Enum.flat_map(beginnings, &step(&1, word)))
    end)
    |> Enum.filter(&whole?/1)
  end

  # What ends with ** takes any word and stays.
  defp step(beginning, word) do
    longer = known([join(beginning, word), join(beginning, "*")])
    if ends_open?(beginning), do: [beginning | longer], else: longer
  end

  # What goes on with ** does so with no word at all, too. Each is looked at once.
  defp any_words(beginnings, all \\ []) do
    all = beginnings ++ all

    case known(for beginning <- beginnings, do: join(beginning, "**")) do
      [] -> all
      open -> any_words(open -- all, all)
    end
  end

  defp known(beginnings), do: Enum.filter(beginnings, &:ets.member(@trie, &1))
  defp join("", word), do: word
  defp join(beginning, word), do: beginning <> "." <> word
  defp ends_open?(beginning), do: beginning == "**" or String.ends_with?(beginning, ".**")

  defp whole?(beginning),
    do: match?([{_, _, whole}] when whole > 0, :ets.lookup(@trie, beginning))

  defp count(topic, change) do
    if Pattern.wild?(topic) do
      for beginning <- beginnings(topic) do
        whole = if beginning == topic, do: change, else: 0

        counts =
          :ets.update_counter(@trie, beginning, [{2, change}, {3, whole}], {beginning, 0, 0})

        if hd(counts) == 0, do: :ets.delete(@trie, beginning)
      end
    end
  end

  defp beginnings(topic), do: topic |> Pattern.words() |> Enum.scan(&join(&2, &1))

  @doc "For a server after another one, which may have ended between two changes that are one."
  @spec recount() :: :ok
  def recount do
    topics = :ets.select(@subscriptions, [{{{:"$1", :_}, :_, :_, :_, :_}, [], [:"$1"]}])

    wholes = topics |> Enum.filter(&Pattern.wild?/1) |> Enum.frequencies()
    parts = for {topic, n} <- wholes, beginning <- beginnings(topic), do: {beginning, n}
    counts = Enum.reduce(parts, %{}, fn {of, n}, all -> Map.update(all, of, n, &(&1 + n)) end)
    :ets.insert(@trie, for({of, n} <- counts, do: {of, n, Map.get(wholes, of, 0)}))
    for {of, _, _} <- :ets.tab2list(@trie), counts[of] == nil, do: :ets.delete(@trie, of)
    :ok
  end

  # ---- changes ---------------------------------------------------------------------------------

  @doc "For the server: a subscription begins, or has other terms from now on."
  @spec put(String.t(), pid, route, pos_integer | nil, when_full) :: :new | :changed
  def put(topic, pid, route, max_queue, when_full) do
    changes = [{2, route}, {3, max_queue}, {4, when_full}]

    if :ets.update_element(@subscriptions, {topic, pid}, changes) do
      :changed
    else
      count(topic, 1)
      :ets.insert(@subscriptions, {{topic, pid}, route, max_queue, when_full, 0})
      :new
    end
  end

  @doc "For the server: it ends. False if there was none."
  @spec delete(String.t(), pid) :: boolean
  def delete(topic, pid) do
    found? = :ets.take(@subscriptions, {topic, pid}) != []
    if found?, do: count(topic, -1)
    found?
  end

  @doc "For whoever publishes: ends it at once. True for one of those who do; the server does the rest."
  @spec stop(String.t(), pid) :: boolean
  def stop(topic, pid), do: :ets.take(@subscriptions, {topic, pid}) != []

  @doc "For the server: that rest."
  @spec stopped(String.t()) :: term
  def stopped(topic), do: count(topic, -1)

  @doc "For whoever publishes: a message was dropped."
  @spec dropped(String.t(), pid) :: term
  def dropped(topic, pid) do
    :ets.update_counter(@subscriptions, {topic, pid}, {5, 1})
  rescue
    # It ended meanwhile.
    ArgumentError -> 0
  end
end
