defmodule Rebeam.Actor.Life do
  @moduledoc false
  # How an instance begins and ends: alike for actors and for state machines.
  #
  #   new --construct--> made --its name is registered--> @start --> at work
  #   at work --close: nothing runs any more--> @stop --> over
  #
  # Between these the process waits for its code alone (`Rebeam.Actor.Owner.await/2`).

  require Logger

  alias Rebeam.{Names, Native, PythonError}
  alias Rebeam.Actor.{Exits, Interrupt, Moving, Owner, Raised}
  alias Rebeam.Child.{Backoff, Lineage}
  alias Rebeam.Message.Reasons
  alias Rebeam.Value.Codec

  @typedoc "The state of such a process. `label`: what logs call it."
  @type process :: %{
          :owner => Owner.t(),
          :label => String.t(),
          :backoff => Backoff.t(),
          optional(any) => any
        }

  @doc """
  What the calling process has in its state if it becomes that of what `handle` makes. Options are
  `Rebeam.Actor`'s; `fields` are the owner's.
  """
  @spec new(reference | tuple, keyword, keyword) :: keyword
  def new(handle, options, fields) do
    owner = Owner.new(handle, [thread: options[:thread]] ++ fields)
    if owner.kind == :actor and owner.late == nil, do: Native.actor_enlist(owner.native)
    # What tools show, under OTP's own key.
    Process.put(:"$process_label", Names.text(options[:name]) || options[:label])
    Lineage.restarted(options[:restart])
    Moving.note(options)
    [owner: owner, label: options[:label], backoff: options[:backoff]]
  end

  # ---- the start -----------------------------------------------------------------------------

  @doc """
  Makes the instance and runs its @start; then come `later`, its wishes for afterwards (nil:
  none). `:over` if it called sys.exit(): an actor that started, and was done with that.
  """
  @spec start(process, reference | tuple, String.t() | nil) ::
          {:ok, process, later :: tuple | nil} | {:over, process} | {:stop, term}
  def start(%{owner: owner} = process, handle, name) do
    watch = if owner.late, do: Reasons.watch()
    Owner.work(owner, if(name, do: :construct_held, else: :construct), "", handle)

    with {:ok, made, owner} <- Owner.await(owner, :started),
         _ = watch && Reasons.watched(watch),
         :ok <- register(name || made.name) do
      # Who gives itself a name is called so.
      if name == nil and made.name != nil,
        do: Process.put(:"$process_label", Names.text(made.name))

      if name || made.name, do: Owner.work(owner, :start)
      owner = %{owner | stop?: made.stop?}
      done = if made.over?, do: {:ok, nil, owner}, else: Owner.await(owner, :done)
      begun(done, %{process | owner: owner}, made.later)
    else
      {:failed, failure, _owner} -> failed(reason(failure, process.label))
      {:stop, reason} -> failed(reason)
    end
  end

  defp failed(reason) do
    Reasons.ended(reason)
    {:stop, reason}
  end

  # Only from here on exits are trapped: a shutdown does not wait for the end of a @start.
  defp begun({:ok, _, owner}, process, later) do
    Lineage.begun()
    {:ok, guard(%{process | owner: owner}), later}
  end

  defp begun({:failed, failure, owner}, process, _later) do
    case reason(failure, process.label) do
      :normal -> {:over, %{process | owner: owner}}
      reason -> failed(reason)
    end
  end

  @doc """
  The instance comes from another node: it is made from what it was there, and no @start runs. What
  fails is for who has it there, and logged by nobody.
  """
  @spec arrive(process, reference | tuple, Moving.luggage()) ::
          {:ok, process, later :: tuple | nil} | {:stop, term}
  def arrive(%{owner: owner} = process, handle, luggage) do
    Owner.work(owner, :construct_held, "", handle)

    case Owner.await(owner, :started) do
      {:ok, made, owner} ->
        Moving.came(luggage)
        Lineage.begun()
        process = %{process | owner: %{owner | stop?: made.stop?}}

        if luggage[:starts?],
          do: begin_again(process, made.later),
          else: go_on(process, made, luggage)

      {:failed, {:raised, %{error: error}}, _owner} ->
        {:stop, {:shutdown, "#{error.type}: #{error.message}"}}

      {:failed, _, _owner} ->
        {:stop, {:shutdown, "it was ended"}}
    end
  end

  defp go_on(process, made, luggage),
    do: {:ok, process |> guard() |> trap(luggage.traps?), again(made.later)}

  defp begin_again(%{owner: owner} = process, later) do
    Owner.work(owner, :start)
    begun(Owner.await(owner, :done), process, later)
  end

  defp trap(process, wish), do: put_in(process.owner.exits, Exits.trap(process.owner.exits, wish))

  # What comes before its first message is long over.
  defp again({_continues?, nil, nil}), do: nil
  defp again({_continues?, idle, hibernate}), do: {false, idle, hibernate}
  defp again(nil), do: nil

  @doc "The calling process gets the name, unless another one has it."
  @spec register(Names.name() | nil) :: :ok | {:stop, term}
  def register(nil), do: :ok

  def register(name) do
    case Names.register(name) do
      :ok ->
        :ok

      {:error, why} ->
        if lost?(name),
          do: {:stop, {:shutdown, {:name_lost, "it lost its name: " <> refused(name, why)}}},
          else: {:stop, not_registered(name, why)}
    end
  end

  defp lost?({"global", name, _split}), do: Names.Global.lost?(name)
  defp lost?(_name), do: false

  defp not_registered(_name, {:already_registered, pid}) when is_pid(pid),
    do: {:already_started, pid}

  defp not_registered(name, why), do: {:shutdown, refused(name, why)}

  defp refused(name, {:no_majority, count}),
    do:
      "no majority of the cluster is here to give the name #{inspect(Names.text(name))} (#{count} nodes)"

  defp refused(name, {:already_registered, holder}),
    do: "the name #{inspect(Names.text(name))} is taken by #{inspect(holder)}"

  defp refused({"global", _, _}, :timeout),
    do: "the nodes of the cluster do not agree on its name in time"

  defp refused(_name, :timeout), do: "the main node, which knows all names, does not answer"
  defp refused(_name, text), do: text

  @doc """
  What came of a start that a supervisor waits for. One that has lost its name in the cluster to
  another is not started again here, and no failure: else both would fight for it.
  """
  @spec left_out(result) :: result | :ignore when result: term
  def left_out({:stop, {:shutdown, {:name_lost, text}}}) do
    Logger.notice("a child is not started again: #{text}")
    :ignore
  end

  def left_out(result), do: result

  @doc "Exit signals end the process in order."
  @spec guard(process) :: process
  def guard(process), do: put_in(process.owner.exits, Exits.guard(process.owner.exits))

  @doc "It starts by itself, and tells somebody what came of that; meanwhile a signal fails it."
  @spec starting(process) :: process
  def starting(process), do: put_in(process.owner.exits, Exits.starting(process.owner.exits))

  # How long code gets to end after a signal of no supervisor's, which would see to that.
  @end_timeout 5_000

  @doc """
  An exit signal ends the process, which no supervisor waits for: its code has so long to end, but
  for one with a @stop, which OTP lets end by itself.
  """
  @spec signalled(process) :: process
  def signalled(process) do
    unless process.owner.stop?, do: Owner.expect(:closed, @end_timeout)
    process
  end

  # ---- the end -------------------------------------------------------------------------------

  @doc "The reason to stop for when the owner awaited something in vain, logged once."
  @spec reason(Owner.failure(), String.t()) :: term
  def reason({:raised, raised}, label), do: Raised.reason(raised, label)
  def reason({:signal, reason}, _label), do: reason
  def reason(:cut, label), do: Interrupt.cut(label)

  @doc "The process ends for that reason, and so does its code, the last of it @stop."
  @spec terminate(process, term) :: :ok
  def terminate(%{owner: owner} = process, reason) do
    Exits.follow_kill(reason)
    if owner.kind == :actor, do: Reasons.ended(reason)
    Lineage.note(:ending)
    Backoff.ended(process.backoff, reason)
    owner = %{owner | exits: Exits.ending(owner.exits)}
    unless owner.cut?, do: close(owner, PythonError.reason_text(reason), process.label)
    :ok
  end

  defp close(owner, text, label) do
    closing = Native.actor_close(owner.native, text)
    owner = if closing == :closing, do: await_closed(owner, label), else: owner

    if owner.stop? do
      Owner.work(owner, :stop, "", Codec.pack!(text))
      with {:failed, failure, _owner} <- Owner.await(owner, :done), do: reason(failure, label)
    end
  end

  # What is cut off by the end of the actor says so with ActorExit: that is no failure.
  defp await_closed(owner, label) do
    case Owner.await(owner, :closed) do
      {:ok, _, owner} ->
        owner

      {:failed, {:raised, raised}, owner} ->
        unless Raised.cut_off?(raised), do: Raised.reason(raised, label)
        await_closed(owner, label)

      {:failed, failure, owner} ->
        reason(failure, label)
        owner
    end
  end
end
