defmodule Rebeam.Child.Starter do
  @moduledoc false
  # Starting without making the supervisor wait: the child starts at once, does the rest by
  # itself, and then tells the starter.
  #
  #   new --begin--> underway --tell--> started, or failed: until the starter removed it
  #                      \--begin--> wanted: its supervisor ended the child before it told,
  #                                and starts it again with its siblings
  #
  # Restarts: those of `:first` are as in OTP, the supervisor waits for them, so that what
  # it starts after them comes after them. Those of `:every` go as the first start did.

  #
  # Many start together: each has its place among their states. The starter hears when
  # the last one has started, and of each that fails.

  @type t :: {reference, shared, place :: pos_integer}
  @typep shared ::
           {:atomics.atomics_ref(), pid, :first | :every | {:many, count :: non_neg_integer}}
           | {states :: reference, pid, :asked}

  @typedoc "The starters of so many children, which all have that much in common."
  @type many :: {reference, shared, count :: non_neg_integer}

  alias Rebeam.{Native, PythonError}

  @underway 1
  @started 2
  @failed 3
  @wanted 4

  @doc "What the child gets, made by the process that will wait."
  @spec new(:first | :every) :: t
  def new(which), do: {:erlang.alias([:reply]), {:atomics.new(1, []), self(), which}, 1}

  # How many of them have not started yet comes behind their states.
  # So many states are one term.
  @block 256

  @doc """
  What the calling supervisor's next child gets at its first start, for the actor that asked with that
  tag; and what it gets at later ones, which does not keep the actor.
  """
  @spec asked(GenServer.from()) :: {t, later :: t}
  def asked({pid, [_, sequence | native]}) do
    {shared, place} =
      case Process.get(__MODULE__) do
        {shared, place} when place < @block -> {shared, place + 1}
        _ -> {{Native.states_new(@block), self(), :asked}, 1}
      end

    Process.put(__MODULE__, {shared, place})
    {{{pid, sequence, native}, shared, place}, {{pid, sequence}, shared, place}}
  end

  @doc "The same for so many children."
  @spec new_many(non_neg_integer) :: many
  def new_many(count) do
    state = :atomics.new(count + 1, [])
    :atomics.put(state, count + 1, count)
    {:erlang.alias([:explicit_unalias]), {state, self(), {:many, count}}, count}
  end

  @doc "That of one child; the first one's place is 1."
  @spec of_many(many, pos_integer) :: t
  def of_many({alias, shared, _count}, place), do: {alias, shared, place}

  @doc "So many of them have started, and tell nobody."
  @spec started(many, non_neg_integer) :: :ok
  def started({_, {state, _, _}, count}, some), do: :atomics.sub(state, count + 1, some)

  @doc """
  A child's process begins: `:async` if it is to start after its supervisor was told,
  `:sync` if before. `:abandoned` if the first start came to nothing: no other is wanted.
  """
  @spec begin(t | nil) :: :sync | :async | :abandoned
  def begin(nil), do: :sync
  def begin({_, {_, _, :every}, _}), do: :async

  def begin({_, {states, _, :asked}, place}) do
    case Native.states_exchange(states, place, 0, @underway) do
      0 -> :async
      @started -> :sync
      _ -> :abandoned
    end
  end

  def begin({_, {state, _, _}, place}) do
    case :atomics.compare_exchange(state, place, 0, @underway) do
      :ok -> :async
      @started -> :sync
      @underway -> :atomics.put(state, place, @wanted) && :abandoned
      _ -> :abandoned
    end
  end

  @doc "True if the first start was cut off, and its supervisor would have started it again."
  @spec wanted?(t) :: boolean
  def wanted?({_, {state, _, _}, place}), do: :atomics.get(state, place) == @wanted

  @doc "Whether it has started."
  @spec started?(t) :: boolean
  def started?({_, {state, _, _}, place}), do: :atomics.get(state, place) == @started

  @doc "Of many: that one has started in another way, which was awaited."
  @spec settled(many, pos_integer) :: :ok
  def settled({_, {state, _, _}, count}, place) do
    :atomics.put(state, place, @started)
    :atomics.sub(state, count + 1, 1)
  end

  @doc "Waits for what the child `pid` tells."
  @spec await(pid, t) :: {:ok, term} | {:error, term}
  def await(pid, {alias, _, place}) do
    monitor = Process.monitor(pid)

    receive do
      {__MODULE__, ^alias, ^place, result} ->
        Process.demonitor(monitor, [:flush])
        result

      {:DOWN, ^monitor, :process, _, reason} ->
        :erlang.unalias(alias)
        {:error, reason}
    end
  end

  @doc """
  Waits until all have started. Those whose processes are given, with their places, are watched; of
  others their supervisor tells. What comes of one that did not has its place, and `more`. Exits when
  the supervisor ends.
  """
  @spec await_many(many, [{pid, pos_integer}], supervisor :: pid, more) ::
          :ok | {:failed, pos_integer, reason :: term, more}
        when more: term
  def await_many({_, {state, _, _}, count} = many, pids, supervisor, more) do
    if :atomics.get(state, count + 1) > 0 do
      places = for {pid, place} <- pids, into: %{}, do: {Process.monitor(pid), place}
      await_last(many, places, Process.monitor(supervisor), more)
    else
      :ok
    end
  end

  defp await_last({alias, {state, _, _}, _} = many, places, above, more) do
    receive do
      {__MODULE__, ^alias, :all} ->
        :ok

      {__MODULE__, ^alias, place, {:error, reason}} ->
        {:failed, place, reason, more}

      {:DOWN, ^above, :process, supervisor, reason} ->
        exit({reason, {__MODULE__, :await_many, [supervisor]}})

      {:DOWN, monitor, :process, _, reason} when is_map_key(places, monitor) ->
        place = Map.fetch!(places, monitor)

        if :atomics.get(state, place) == @started,
          do: await_last(many, places, above, more),
          else: {:failed, place, reason, more}
    end
  end

  @doc """
  Waits until no more than `most` of the first `some` are still starting, as each takes several times the
  memory that it has afterwards; but for no longer than they go on.
  """
  @spec await_most(many, some :: non_neg_integer, most :: non_neg_integer) :: :ok
  def await_most({_, {state, _, _}, count}, some, most),
    do: await_fewer(state, count + 1, count - some + most, nil, 0)

  # So many looks, one a millisecond, without any that has started.
  @patient 10

  defp await_fewer(state, slot, most, before, looks) do
    case :atomics.get(state, slot) do
      left when left <= most or looks == @patient ->
        :ok

      left ->
        Process.sleep(1)
        await_fewer(state, slot, most, left, if(left == before, do: looks + 1, else: 0))
    end
  end

  @doc "Nobody waits for them any more. The calling process is about to end, and with it what it watched."
  @spec forget(many) :: boolean
  def forget({alias, _, _}), do: :erlang.unalias(alias)

  @doc "Tells the starter. True at the first start."
  @spec tell(t | nil, {:ok, term} | {:error, term}) :: boolean
  def tell(nil, _result), do: false

  # In a unit that is a node.
  def tell({_, {_, owner, _}, _} = starter, result) when node(owner) != node(),
    do: :erpc.call(node(owner), __MODULE__, :tell, [starter, result])

  def tell({asker, {states, supervisor, :asked}, place} = starter, {word, value}) do
    now = if word == :ok, do: @started, else: @failed
    first? = Native.states_exchange(states, place, @underway, now) == @underway

    case word do
      # One that was done with its start by its own will: others have told natively.
      :ok -> if first?, do: answer(asker, {:ok, value})
      :error -> if first?, do: send(supervisor, {__MODULE__, :failed, self(), starter, value})
    end

    first?
  end

  def tell({alias, {state, _, which}, place}, {word, _} = result) do
    first? = :atomics.get(state, place) < @started
    if first?, do: :atomics.put(state, place, if(word == :ok, do: @started, else: @failed))

    case {which, word} do
      {{:many, count}, :ok} ->
        if first? and last?(state, count), do: send(alias, {__MODULE__, alias, :all})

      _ ->
        send(alias, {__MODULE__, alias, place, result})
    end

    first?
  end

  @doc "In the child, before its start: that actor is told natively (c_src/actor/asked.h)."
  @spec told_natively(t | nil, reference) :: term
  def told_natively({{_, sequence, asker}, {states, _, :asked}, place}, native),
    do: Native.actor_asked(native, {states, place, @underway, @started}, asker, sequence)

  def told_natively(_starter, _native), do: nil

  @doc """
  In the supervisor, before it does anything else, when a child has ended: whether that is to be told
  to who asked for it.
  """
  @spec cut_off?(t | nil) :: boolean
  def cut_off?({_, {states, _, :asked}, place}),
    do: Native.states_exchange(states, place, @underway, @wanted) == @underway

  def cut_off?({_, {state, _, {:many, _}}, place}),
    do: :atomics.compare_exchange(state, place, @underway, @wanted) == :ok

  def cut_off?(_starter), do: false

  @doc "In the supervisor: tells who asked for a child why there is none."
  @spec refuse(t, term) :: term
  def refuse({asker, {_, _, :asked}, _}, reason),
    do: answer(asker, {:error, "RuntimeError", reason_text(reason)})

  def refuse({alias, _, place}, reason),
    do: send(alias, {__MODULE__, alias, place, {:error, reason}})

  # To its process.
  defp answer(asker, result),
    do: send(elem(asker, 0), {:"$rebeam", :here, elem(asker, 1), fn -> result end})

  @doc "What is said of the reason why a child did not start."
  @spec reason_text(term) :: String.t()
  def reason_text(reason) when reason in [:shutdown, :killed, :noproc],
    do: "it was ended while it started: #{reason}"

  def reason_text(reason), do: PythonError.start_error(reason)

  defp last?(state, count), do: :atomics.sub_get(state, count + 1, 1) == 0

  @doc """
  Tells that the start failed. At the first start the child then waits to be removed, lest
  its supervisor starts it again; a restart that fails is its supervisor's matter.
  """
  @spec fail(t | nil, term) :: :ok
  def fail(starter, reason) do
    # The shutdown must not wait in the mailbox.
    Process.flag(:trap_exit, false)
    if tell(starter, {:error, reason}), do: await_removal(starter)
    :ok
  end

  defp await_removal({_, {_, starter, _}, _}) do
    monitor = Process.monitor(starter)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
      # It came while signals were trapped. The starter may wait for this process's end itself.
      {:EXIT, _, :shutdown} -> :ok
    end
  end
end
