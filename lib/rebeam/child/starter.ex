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

  @type t :: {reference, {:atomics.atomics_ref(), pid, :first | :every}}

  @underway 1
  @started 2
  @failed 3
  @wanted 4

  @doc "What the child gets, made by the process that will wait."
  @spec new(:first | :every) :: t
  def new(which), do: {:erlang.alias([:reply]), {:atomics.new(1, []), self(), which}}

  @doc """
  A child's process begins: `:async` if it is to start after its supervisor was told,
  `:sync` if before. `:abandoned` if the first start came to nothing: no other is wanted.
  """
  @spec begin(t | nil) :: :sync | :async | :abandoned
  def begin(nil), do: :sync
  def begin({_, {_, _, :every}}), do: :async

  def begin({_, {state, _, :first}}) do
    case :atomics.compare_exchange(state, 1, 0, @underway) do
      :ok -> :async
      @started -> :sync
      @underway -> :atomics.put(state, 1, @wanted) && :abandoned
      _ -> :abandoned
    end
  end

  @doc "True if the first start was cut off, and its supervisor would have started it again."
  @spec wanted?(t) :: boolean
  def wanted?({_, {state, _, _}}), do: :atomics.get(state, 1) == @wanted

  @doc "Waits for what the child `pid` tells."
  @spec await(pid, t) :: {:ok, term} | {:error, term}
  def await(pid, {alias, _}) do
    monitor = Process.monitor(pid)

    receive do
      {__MODULE__, ^alias, result} ->
        Process.demonitor(monitor, [:flush])
        result

      {:DOWN, ^monitor, :process, _, reason} ->
        :erlang.unalias(alias)
        {:error, reason}
    end
  end

  @doc "Tells the starter. True at the first start."
  @spec tell(t | nil, {:ok, term} | {:error, term}) :: boolean
  def tell(nil, _result), do: false

  # In a unit that is a node.
  def tell({_, {_, owner, _}} = starter, result) when node(owner) != node(),
    do: :erpc.call(node(owner), __MODULE__, :tell, [starter, result])

  def tell({alias, {state, _, _}}, {word, _} = result) do
    first? = :atomics.get(state, 1) < @started
    if first?, do: :atomics.put(state, 1, if(word == :ok, do: @started, else: @failed))
    send(alias, {__MODULE__, alias, result})
    first?
  end

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

  defp await_removal({_, {_, starter, _}}) do
    monitor = Process.monitor(starter)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
      # It came while signals were trapped. The starter may wait for this process's end itself.
      {:EXIT, _, :shutdown} -> :ok
    end
  end
end
