defmodule Rebeam.Actor.Owner do
  @moduledoc false
  # What a process keeps of the native actor that it owns (c_src/actor/actor.h), and the only
  # reader of what the native part tells it. Owners are actors, functions, state machines, scripts,
  # and the processes that act for a thread; each has this struct in its state.
  #
  #                 actor_work, actor_close, actor_interrupt
  #    process ---------------------------------------------> native actor
  #       ^  \--- actor_resume: what its code waited for ---/      |
  #       |                                                        |
  #       \---- {:"$rebeam", word, ...}, read/2 says what it is ---/
  #
  #   field      written by                       what it is
  #   native     new/2, or a script's first word  the native actor
  #   reply_to   the same                         whom replies go to past this process: the same
  #                                               actor; nil if the process ends with its wait
  #   kind       new/2                            what asks if its code does
  #   late       new/2                            answers an event that ends as the process does
  #   stop?      Rebeam.Actor.Life, read/2        the instance has @stop
  #   cut?       await/2, or the process          it ends, and its code goes on
  #   exits      Rebeam.Actor.Exits               what exit signals do to the process
  #   wait       Rebeam.Actor.Wait                the wait that its run, or thread, is in
  #   branches   Rebeam.Actor.Branches            those of its asynchronous code
  #
  # The process gives `read/2` each message that it does not know, and acts on the outcome. One
  # that can do nothing before a certain word comes calls `await/2`: it serves its code meanwhile,
  # and leaves all else in the mailbox.

  import Rebeam.Actor.Exits, only: [is_heeded: 3]

  alias Rebeam.{Log, Native, Output, PythonError}
  alias Rebeam.Actor.{Branches, Exits, Interrupt, Raised, Wait}
  alias Rebeam.Message.{Payload, Post, Watch}
  alias Rebeam.Value.Codec

  defstruct [:native, :reply_to, :late, :wait] ++
              [kind: :thread, stop?: false, cut?: false, exits: %Exits{}, branches: %{}]

  @type kind :: :actor | :run | :script | :thread | :helper
  @type t :: %__MODULE__{
          native: reference | nil,
          reply_to: reference | nil,
          late: (GenServer.from(), :ok | :error, binary -> term) | nil,
          wait: Wait.t() | nil,
          kind: kind,
          stop?: boolean,
          cut?: boolean,
          exits: Exits.t(),
          branches: Branches.t()
        }

  @typedoc "What has come to its end: the making of the instance, work, all work, a script's body."
  @type word :: :started | :done | :closed | :ended | :exited | :signal
  @type answer :: {:ok | :error, payload :: binary | list}

  @typedoc """
  What a message is. `brought` is what came with it and may hold memory that is shared.

    * `:heard` - a wait's or a caller's matter, which is done
    * `:suspended` - the run waits, or not even that, if it was answered at once
    * `:over` - something has come to its end, with what is to be known of it
    * `:event` - the answer to an event that was handed on under that reference
    * `:raised` - an exception ended the code
    * `:interrupt` - a caller waits no more, see `Rebeam.Actor.Interrupt.pursue/3`
    * `:wake` - a message came after an idle time
    * `:client` - a thread waits: for an owner of its own
    * `:unknown` - not the native part's
  """
  @type outcome ::
          {:heard, t, brought :: term}
          | {:suspended, t, brought :: term}
          | {:over, word, term}
          | {:event, reference, GenServer.from(), answer}
          | {:raised, Raised.t()}
          | {:interrupt, Interrupt.due()}
          | {:client, t, {pos_integer, tuple}}
          | :wake
          | :unknown

  @doc """
  Makes the native actor of the calling process for what `handle` makes. Options are fields, and
  `:thread`.
  """
  @spec new(reference | tuple, keyword) :: t
  def new(handle, options) do
    native = Native.actor_new(handle, options[:thread] || :shared, Output.number())
    filled(options, %__MODULE__{native: native, reply_to: native})
  end

  defp filled([], owner), do: owner
  defp filled([{:thread, _} | rest], owner), do: filled(rest, owner)

  defp filled([{field, value} | rest], owner) when is_map_key(owner, field),
    do: filled(rest, Map.put(owner, field, value))

  @doc "Hands work on. Not for messages, which come from somebody."
  @spec work(t, atom, String.t(), term) :: term
  def work(owner, work, subject \\ "", payload \\ ""),
    do: Native.actor_work(owner.native, work, subject, payload, nil, nil)

  # ---- the reader ----------------------------------------------------------------------------

  @doc "What a message of the owner's mailbox is, once its waits have heard of it."
  @spec read(term, t) :: outcome
  def read({:"$rebeam", :suspend, sequence, operation}, owner),
    do: {:suspended, Wait.start(owner, sequence, operation), operation}

  def read({:"$rebeam", :branch, sequence, operation}, owner),
    do: {:heard, Branches.start(owner, sequence, operation), operation}

  def read({:"$rebeam", :settled, sequence}, owner),
    do: {:heard, owner |> Branches.settle(sequence) |> Wait.drop(sequence), nil}

  def read({:"$rebeam", :reply, {_, [event | _]} = from, status, payload, _}, %{late: late})
      when is_reference(event) and late != nil,
      do: {:event, event, from, {status, payload}}

  def read({:"$rebeam", :reply, from, status, payload, subject}, owner) do
    answer(from, status, payload, subject)
    {:heard, owner, payload}
  end

  def read({:"$rebeam", :raised, code, error, about, work, {nanoseconds, trail}}, _owner) do
    way = %{work: work, seconds: nanoseconds / 1.0e9, trail: trail}
    {:raised, code |> raised(error) |> about(about) |> Map.merge(way)}
  end

  def read({:"$rebeam", :stuck, seconds, stack, work}, owner) do
    Log.stuck(seconds, work, stack)
    {:heard, owner, nil}
  end

  def read({:"$rebeam", :started, name, stop?, later, over?}, _owner),
    do: {:over, :started, %{name: name, stop?: stop?, later: later, over?: over?}}

  def read({:"$rebeam", word}, _owner) when word in [:done, :closed], do: {:over, word, nil}
  def read({:"$rebeam", :wake}, _owner), do: :wake

  # The class has got one.
  def read({:"$rebeam", :stop}, owner), do: {:heard, %{owner | stop?: true}, nil}

  # To another node (c_src/actor/relay.h).
  def read({:"$rebeam", :cast, pid, subject, payload, sender}, owner) do
    Post.cast(pid, subject, payload, sender, nil)
    {:heard, owner, nil}
  end

  # Not the native part's, but as much an owner's matter.
  def read({:"$rebeam", :interrupt, from}, _owner), do: {:interrupt, {from, :all}}

  # Somebody looks in.
  def read({:"$rebeam", :waits, asker, reference}, owner) do
    send(asker, {reference, [Wait.about(owner.wait) | Branches.about(owner)]})
    {:heard, owner, nil}
  end

  def read({:timeout, _, {Interrupt, from, tries}}, _owner), do: {:interrupt, {from, tries}}

  def read({:"$rebeam", :here, sequence, rest}, owner),
    do: {:heard, Branches.here(owner, sequence, rest), nil}

  # Of a script (c_src/embed/script.h).
  def read({:"$rebeam", :script, native}, owner),
    do: {:heard, %{owner | native: native, reply_to: native}, nil}

  def read({:"$rebeam", :ended, packed, handles}, _owner),
    do: {:over, :ended, {unpack(packed), handles}}

  def read({:"$rebeam", :raised, packed}, _owner) do
    {code, type, text, traceback, _about} = unpack(packed)
    {:raised, raised(code, {type, text, traceback})}
  end

  def read({:"$rebeam", word, status}, _owner) when word in [:exited, :signal],
    do: {:over, word, status}

  # Of a thread, for which nobody waits yet.
  def read({:"$rebeam", :client, native, sequence, operation}, _owner),
    do: {:client, %__MODULE__{native: native}, {sequence, operation}}

  def read(message, owner) do
    with :unknown <- Branches.handle(message, owner),
         :unknown <- Wait.handle(message, owner) do
      :unknown
    else
      owner -> {:heard, owner, message}
    end
  end

  defp unpack(packed) do
    {:ok, term} = Codec.unpack(packed)
    term
  end

  defp raised(code, {type, text, traceback}),
    do: %Raised{code: code, error: %PythonError{type: type, message: text, traceback: traceback}}

  # Nothing for what could not be described.
  defp raised(code, _nothing), do: raised(code, {"Exception", "", ""})

  defp about(raised, {class, state, message, locals, recording}) do
    %{raised | class: class, state: state, message: message, locals: locals, recording: recording}
  end

  defp about(raised, _nothing), do: raised

  # Native actors are answered natively. What is left: other callers, remote senders of
  # casts, and errors of casts that nobody waits for.
  @doc "Answers a message that came under that subject; nobody: an error is logged."
  @spec answer(GenServer.from() | pid | nil, :ok | :error, binary | list, String.t()) :: :ok
  def answer(nil, :error, payload, subject), do: Log.unheard(self(), subject, payload)
  def answer({_, _} = from, status, payload, _), do: Post.reply(from, status, payload)

  def answer(sender, status, payload, subject),
    do: Post.cast(sender, subject, payload, self(), status)

  # ---- one word alone ------------------------------------------------------------------------

  @doc "Has the word come in so many milliseconds at the latest, for the calling process."
  @spec expect(word, pos_integer) :: reference
  def expect(word, timeout), do: Process.send_after(self(), {:"$rebeam", word}, timeout)

  @typedoc "Why the word does not come: the process has to end."
  @type failure :: {:raised, Raised.t()} | {:signal, reason :: term} | :cut

  @doc """
  Lets work end that must be over before the process goes on: until `word` comes, or the answer to
  the event that was handed on under that reference. An event may be withdrawn: then none comes.
  """
  @spec await(t, word | reference) ::
          {:ok, term, t} | {:withdrawn, t} | {:failed, failure, t}
  def await(owner, word) do
    heeded = Exits.heeded(owner.exits, is_reference(word))

    case next(owner, heeded) do
      {:EXIT, pid, reason} when pid == heeded.ends -> exit(reason)
      # The code gets ActorExit where it waits, when the process terminates.
      {:EXIT, _pid, reason} -> {:failed, {:signal, reason}, owner}
      message -> message |> read(owner) |> awaited(word, owner)
    end
  end

  # Of all that is in the mailbox, what is for the owner.
  defp next(owner, heeded) do
    receive do
      {:EXIT, pid, reason} = signal when is_heeded(heeded, pid, reason) -> signal
      told when elem(told, 0) == :"$rebeam" -> told
      {[:"$rebeam" | _], _} = answer -> answer
      {:timeout, _, Watch} = over -> over
      {:timeout, _, {Interrupt, _, _}} = due -> due
      {:DOWN, monitor, _, _, _} = down when monitor == owner.wait.watch.monitor -> down
      {:DOWN, monitor, _, _, _} = down when is_map_key(owner.branches, monitor) -> down
    end
  end

  defp awaited({:over, word, value}, word, owner), do: {:ok, value, owner}
  defp awaited({:event, word, _from, answer}, word, owner), do: {:ok, answer, owner}
  defp awaited({:raised, _} = raised, _word, owner), do: {:failed, raised, owner}

  defp awaited({word, owner, brought}, awaited, _) when word in [:heard, :suspended] do
    Payload.passed(brought)
    await(owner, awaited)
  end

  # Of another one, which the process did not wait for to the end.
  defp awaited({:event, _, from, {status, payload}}, word, owner) do
    owner.late.(from, status, payload)
    await(owner, word)
  end

  defp awaited({:interrupt, due}, word, owner) do
    case Interrupt.pursue(due, owner.native, word) do
      :withdrawn when is_reference(word) -> {:withdrawn, owner}
      :cut -> {:failed, :cut, %{owner | cut?: true}}
      _ -> await(owner, word)
    end
  end

  defp awaited(_other, word, owner), do: await(owner, word)
end
