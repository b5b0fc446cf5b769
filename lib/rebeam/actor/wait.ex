defmodule Rebeam.Actor.Wait do
  @moduledoc false
  # What an actor's suspended code waits for, and how it gets its answer.
  #
  #   start(operation) --answered at once--> nil
  #       \------> %Wait{} --reply, DOWN or timer--> nil
  #
  # The owner of a native actor keeps the wait of its run, and gives what comes to `handle/2`. An
  # answer carries the number of its wait; the native part drops those that come too late.
  #
  # Operations, what Python asks for by name, are made above this module: it is told who performs
  # them.

  alias Rebeam.{Deadline, Names, Native, Nodes}
  alias Rebeam.Actor.{Helper, Owner}
  alias Rebeam.Message.{Debug, Mailbox, Post, Requests, Watch}
  alias Rebeam.Value.Codec

  # `over`: what comes of it when its time is over, if that is no outcome of a call; `sends?`: another
  # process sends what it is about; `about`: the process that is called, or its name, since a moment
  # in milliseconds, for who looks in.
  defstruct [:sequence, :watch, :over, :about, sends?: false]

  @type t :: %__MODULE__{
          sequence: pos_integer,
          watch: Watch.t(),
          over: {:value, term} | {:ended, (String.t() -> result)} | nil,
          about: {Names.target(), since :: integer} | nil,
          sends?: boolean
        }

  @typedoc """
  Exits: the owner's from now on. Later: what to run in a process of its own for it, to its end.
  Wait: the same, but it does nothing besides waiting, and ends when nobody waits for it any more.
  The result of both may be what the owner's own process has to do then, here.
  Ask: another process, of this node, which answers past the owner, or as one that works for the wait
  does, when the function has told it the tag. Without it there is the other function's result.
  """
  @type result ::
          {:ok, term}
          | {:ok, term, exits :: struct}
          | {:error, exception :: String.t(), text :: String.t()}
          | {:later, (... -> result)}
          | {:wait, (... -> result)}
          | {:here, (... -> result)}
          | {:ask, pid, (GenServer.from() -> term), (reason :: String.t() -> result)}

  @doc """
  The result of the operation of that name, for the owner. What is left for later has a result
  that is none for later.
  """
  @callback perform(name :: String.t(), packed :: binary, handles :: [reference], Owner.t()) ::
              result

  @doc "Who performs operations; said when the application starts."
  @spec performed_by(module) :: :ok
  def performed_by(module), do: :persistent_term.put(__MODULE__, module)

  defp perform(name, packed, handles, owner),
    do: :persistent_term.get(__MODULE__).perform(name, packed, handles, owner)

  @doc "Starts what the code asked for. The owner waits for nothing when it is answered already."
  @spec start(Owner.t(), pos_integer, tuple) :: Owner.t()
  def start(owner, sequence, operation) do
    # One that was answered natively in the meantime.
    clear(owner.wait)
    begin(%{owner | wait: nil}, sequence, operation)
  end

  # A call that the native part has sent already.
  defp begin(owner, sequence, {:sent, pid, timeout, interrupt?, actor?}) do
    from = {self(), [:"$rebeam", sequence | owner.native]}

    owner
    |> wait(sequence, Watch.start_late(pid, from, timeout, interrupt?, actor?))
    |> about(pid)
  end

  # Many of them.
  defp begin(%{native: native} = owner, sequence, {:sent_many, calls, timeout, interrupt?}) do
    caller = self()
    watch = fn -> Requests.watch({caller, native, sequence}, calls, timeout, interrupt?) end
    wait(owner, sequence, Watch.help(Helper.spawn_monitor(watch)))
  end

  # One that it could not send.
  defp begin(owner, sequence, :noproc), do: reply(owner, sequence, Watch.down(:noproc))

  defp begin(owner, sequence, {:call, target, _, _, _, _} = operation) do
    case Names.find(target) do
      {:ok, pid} when pid == self() ->
        refuse(owner, sequence, "RuntimeError", Watch.self_call())

      {:ok, pid} ->
        if free?(owner, pid),
          do: call(owner, sequence, pid, operation),
          else: call_apart(owner, sequence, operation)

      :none ->
        begin(owner, sequence, :noproc)

      {:ask, _} ->
        call_apart(owner, sequence, operation)

      {:error, text} ->
        refuse(owner, sequence, "ValueError", text)
    end
  end

  defp begin(owner, sequence, {:cast, target, subject, payload, sender} = operation) do
    with {:ok, pid} <- Names.find(target, :living),
         {:ok, sender} <- find_sender(sender) do
      if free?(owner, pid),
        do: value(owner, sequence, Mailbox.cast(pid, subject, payload, sender)),
        else: cast_apart(owner, sequence, {:cast, pid, subject, payload, sender})
    else
      nothing when nothing in [:none, :timeout] ->
        value(owner, sequence, false)

      {:ask, _} ->
        cast_apart(owner, sequence, operation)

      {:error, text} ->
        refuse(owner, sequence, "ValueError", text)
    end
  end

  defp begin(owner, sequence, {:sleep, milliseconds}),
    do: wait(owner, sequence, Watch.sleep(milliseconds))

  defp begin(owner, sequence, {:operation, name, packed, handles}) do
    go_on(owner, sequence, perform(name, packed, handles, owner))
  end

  # This process is the wait's own, and who the operation is done for.
  defp later(%{reply_to: nil} = owner, sequence, fun), do: settle(owner, sequence, fun.())

  defp later(%{native: native} = owner, sequence, fun) do
    Helper.spawn(helper(native, sequence, fun))
    owner
  end

  defp help(native, sequence, fun),
    do: Watch.help(Helper.spawn_monitor(helper(native, sequence, fun)))

  defp helper(native, sequence, fun) do
    actor = self()

    fn ->
      case fun.() do
        {:here, rest} -> send(actor, {:"$rebeam", :here, sequence, rest})
        result -> settle(%{native: native}, sequence, result)
      end
    end
  end

  @doc "The rest of what was left for later: what the owner's own process has to do."
  @spec here(Owner.t(), pos_integer, (... -> result)) :: Owner.t()
  def here(owner, sequence, rest), do: owner |> over(sequence) |> go_on(sequence, rest.())

  defp go_on(owner, sequence, {:later, fun}), do: later(owner, sequence, fun)

  defp go_on(owner, sequence, {:wait, fun}),
    do: wait(owner, sequence, help(owner.native, sequence, fun))

  defp go_on(owner, sequence, {:ask, pid, ask, ended}) do
    from = {self(), [:"$rebeam", sequence | owner.reply_to]}
    watch = Watch.start(pid, from, :infinity, false)
    ask.(from)
    %{owner | wait: %__MODULE__{sequence: sequence, watch: watch, over: {:ended, ended}}}
  end

  defp go_on(owner, sequence, result), do: settle(owner, sequence, result)

  defp settle(owner, sequence, {:ok, term}), do: value(owner, sequence, term)

  defp settle(owner, sequence, {:ok, term, exits}),
    do: value(%{owner | exits: exits}, sequence, term)

  defp settle(owner, sequence, {:here, rest}), do: here(owner, sequence, rest)
  defp settle(owner, sequence, {:error, type, text}), do: refuse(owner, sequence, type, text)

  defp call(owner, sequence, pid, {:call, _target, subject, payload, timeout, interrupt?}) do
    # What is answered past this process would stand in the account for too long.
    reply_to = unless Debug.waits(pid, subject), do: owner.reply_to
    from = {self(), [:"$rebeam", sequence | reply_to]}
    watch = Watch.start(pid, from, timeout, interrupt?)
    Post.call(pid, from, subject, payload)
    # Others look there.
    if node(pid) == node(), do: Native.survey_aim(owner.native, sequence, pid)
    owner |> wait(sequence, watch) |> about(pid)
  end

  defp wait(owner, sequence, watch),
    do: %{owner | wait: %__MODULE__{sequence: sequence, watch: watch}}

  defp about(owner, target),
    do: put_in(owner.wait.about, {target, System.monotonic_time(:millisecond)})

  @doc "Whom it waits for and for how many milliseconds, or who waits in its place; nil: for neither."
  @spec about(t | nil) :: {:call, Names.target(), non_neg_integer} | {:helper, pid} | nil
  def about(%{about: {target, since}}),
    do: {:call, target, System.monotonic_time(:millisecond) - since}

  def about(%{watch: %{helper: helper}}) when helper != nil, do: {:helper, helper}
  def about(_wait), do: nil

  defp find_sender(nil), do: {:ok, nil}
  defp find_sender(sender), do: Names.find(sender)

  # ---- what may have to wait for another node ------------------------------------------------

  # To ask it for a name, or to send to it while it takes nothing. Another process does that, and
  # waits for all that comes of it, which may be to stop the work when the time is over: the owner's
  # is free, counts the time for one that is held up, and ends the other one when it waits no more.

  # How much longer it counts, in milliseconds.
  @margin 100

  defp free?(%{kind: :helper}, _pid), do: true
  defp free?(_owner, pid), do: not Nodes.busy?(node(pid))

  defp call_apart(owner, sequence, {:call, target, _, _, timeout, _} = operation) do
    owner
    |> apart(sequence, timeout, nil, &call_elsewhere(&1, sequence, operation, &2))
    |> about(target)
  end

  defp cast_apart(owner, sequence, operation) do
    over = {:value, false}
    apart(owner, sequence, Nodes.patience(), over, &cast_elsewhere(&1, sequence, operation, &2))
  end

  defp apart(owner, sequence, timeout, over, fun) do
    actor = self()

    helper =
      Helper.spawn_monitor(fn ->
        gone = Process.monitor(actor)
        helper = %{owner | kind: :helper, reply_to: nil, wait: nil, branches: %{}}
        helper |> fun.(actor) |> serve(gone)
      end)

    watch = Watch.help(helper, later(timeout))
    %{owner | wait: %__MODULE__{sequence: sequence, watch: watch, over: over, sends?: true}}
  end

  defp later(:infinity), do: :infinity
  defp later(timeout), do: timeout + @margin

  defp serve(%{wait: nil}, _gone), do: :ok

  defp serve(owner, gone) do
    receive do
      {:DOWN, ^gone, :process, _, _} ->
        clear(owner.wait)

      message ->
        case handle(message, owner) do
          :unknown -> serve(owner, gone)
          owner -> serve(owner, gone)
        end
    end
  end

  defp call_elsewhere(owner, sequence, operation, actor) do
    {:call, target, subject, payload, timeout, interrupt?} = operation
    deadline = Deadline.of(timeout)

    case Names.resolve(target, timeout, :any) do
      {:ok, ^actor} ->
        refuse(owner, sequence, "RuntimeError", Watch.self_call())

      {:ok, pid} ->
        if Nodes.await_free(node(pid), Deadline.left(deadline)) do
          left = Deadline.left(deadline)
          begin(owner, sequence, {:call, pid, subject, payload, left, interrupt?})
        else
          reply(owner, sequence, Watch.timeout())
        end

      :none ->
        reply(owner, sequence, Watch.down(:noproc))

      :timeout ->
        reply(owner, sequence, Watch.timeout())

      {:error, text} ->
        refuse(owner, sequence, "ValueError", text)
    end
  end

  defp cast_elsewhere(owner, sequence, {:cast, target, subject, payload, sender}, _actor) do
    with {:ok, pid} <- Names.resolve(target),
         {:ok, sender} <- resolve_sender(sender),
         true <- Nodes.await_free(node(pid)) do
      begin(owner, sequence, {:cast, pid, subject, payload, sender})
    else
      {:error, text} -> refuse(owner, sequence, "ValueError", text)
      _ -> value(owner, sequence, false)
    end
  end

  defp resolve_sender(nil), do: {:ok, nil}
  defp resolve_sender(sender), do: Names.resolve(sender, Nodes.patience(), :any)

  @doc "The owner once its wait has heard of the message; `:unknown` when it is none of a wait's."
  @spec handle(term, Owner.t()) :: Owner.t() | :unknown
  def handle({[:"$rebeam", sequence | _actor], reply}, owner) do
    {status, payload} = Watch.answer(reply)
    Native.actor_resume(owner.native, sequence, :reply, status, payload)
    over(owner, sequence)
  end

  def handle(message, %{wait: %__MODULE__{} = wait} = owner) do
    case Watch.over(message, wait.watch) do
      :unknown ->
        late(message, owner)

      :helped ->
        %{owner | wait: nil}

      :slept ->
        value(%{owner | wait: nil}, wait.sequence, nil)

      {:timeout, nil} when wait.over != nil ->
        value(%{owner | wait: nil}, wait.sequence, elem(wait.over, 1))

      {:down, reason} when is_tuple(wait.over) and elem(wait.over, 0) == :ended ->
        settle(%{owner | wait: nil}, wait.sequence, elem(wait.over, 1).(reason))

      outcome ->
        reply(%{owner | wait: nil}, wait.sequence, outcome)
    end
  end

  def handle(message, owner), do: late(message, owner)

  defp late({:timeout, timer, Watch}, owner) do
    Watch.take_back(timer)
    owner
  end

  defp late({:DOWN, monitor, :process, _, _}, owner),
    do: if(Watch.left?(monitor), do: owner, else: :unknown)

  defp late(_message, _owner), do: :unknown

  defp over(%{wait: %{sequence: sequence} = wait} = owner, sequence) do
    clear(wait)
    %{owner | wait: nil}
  end

  defp over(owner, _late), do: owner

  @doc "Its code waits for that no more, if it did."
  @spec drop(Owner.t(), pos_integer) :: Owner.t()
  def drop(owner, sequence), do: over(owner, sequence)

  @doc """
  Nobody waits any more, and the calling process ends. What another one sends in its place is sent
  all the same, as what this one sends is.
  """
  @spec leave(t | nil) :: :ok
  def leave(%{sends?: true}), do: :ok
  def leave(wait), do: clear(wait)

  @doc "Watches no more."
  @spec clear(t | nil) :: :ok
  def clear(nil), do: :ok
  def clear(wait), do: Watch.clear(wait.watch)

  # ---- to the native part ------------------------------------------------------------------

  defp value(owner, sequence, term), do: resume(owner, sequence, :value, nil, term)
  defp reply(owner, sequence, {status, term}), do: resume(owner, sequence, :reply, status, term)

  defp refuse(owner, sequence, type, text),
    do: resume(owner, sequence, :raise, nil, {type, text})

  defp resume(owner, sequence, kind, status, term) do
    {:ok, payload} = Codec.payload(term)
    Native.actor_resume(owner.native, sequence, kind, status, payload)
    owner
  end
end
