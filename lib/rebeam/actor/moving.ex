defmodule Rebeam.Actor.Moving do
  @moduledoc false
  # An actor goes on, on another node. A process of the BEAM belongs to its node, so what moves is
  # its instance, with all that waits for it:
  #
  #   here:   actor --move--> giving --its state--> given --taken there--> moved (Rebeam.Actor.Moved)
  #             ^               \--refused             \--refused, or the guest is gone
  #             \----------------------------------------/
  #   there:  guest (Rebeam.Moves.Guest) --the state--> starts its actor --taken--> keeps it
  #                  \--nothing comes, or this process ends before that: the actor ends, unused
  #
  # `move` is a piece of work like a message: what came before it is handled here, suspended handlers
  # end first, and what comes behind it waits, as the native part is sealed with it
  # (c_src/actor/leave.h). Only when the other one is there does this one leave: so at each moment one
  # of them handles messages, or none if the node of the one that does dies. Whoever else is lost
  # meanwhile, this one goes on.
  #
  # This process is what others know: it has the names, the links, the monitors and the supervisor,
  # and keeps them all. It hands each message on, in order, and ends when and why the actor does.

  alias Rebeam.{Native, Nodes, Topics}
  alias Rebeam.Actor.{Moved, Owner}
  alias Rebeam.Child.Lineage
  alias Rebeam.Message.{Groups, Loans}
  alias Rebeam.Value.Codec

  @enforce_keys [:asker, :guest, :tag]
  defstruct @enforce_keys ++ [:monitor, more: %{}]

  @typedoc """
  `asker`: who is told what comes of it. `monitor`: of the guest, once it has the state. `more`: what
  goes along with that.
  """
  @type t :: %__MODULE__{
          asker: {pid, reference},
          guest: pid,
          tag: {module, reference},
          monitor: reference | nil,
          more: map
        }

  # python/rebeam/_handlers.py
  @subject "$rebeam.move"

  @typedoc """
  What is to be known of an actor elsewhere. `root`: the process that it was started with, which its
  supervisor has. `node`: of the program that it is in.
  """
  @type description :: %{
          pid: pid,
          node: node,
          module: module,
          kind: :actor | :run,
          label: String.t() | nil,
          isolation: String.t(),
          thread: :shared | :dedicated,
          root: pid
        }

  @typedoc """
  What an actor takes along besides its state: the process that it was started with, those that it had
  since, what restarts it, whether it traps exits; a state machine also its timers. `starts?`: it is started
  again as it came.
  """
  @type luggage :: %{
          :root => pid,
          :before => [pid],
          :restart => :permanent | :transient | :temporary | nil,
          :traps? => boolean,
          optional(:timers) => [tuple],
          optional(:starts?) => true
        }

  # ---- what others ask it ------------------------------------------------------------------------

  @doc "Asks a process that is an actor for its description: it answers `{reference, description}`."
  @spec ask_description(pid, {pid, reference}) :: term
  def ask_description(pid, asker), do: send(pid, {__MODULE__, :describe, asker})

  @doc "Has it move to where that guest is; it answers `{reference, {:ok, pid} | {:error, text}}`."
  @spec ask(pid, {pid, reference}, guest :: pid) :: term
  def ask(pid, asker, guest), do: send(pid, {__MODULE__, :move, asker, guest})

  # ---- in the actor's process --------------------------------------------------------------------

  @doc "In the process of an actor that is not in the main interpreter, or has a thread of its own."
  @spec note(keyword) :: term
  def note(options) do
    {isolation, thread} = {options[:isolation], options[:thread] || :shared}
    if isolation || thread != :shared, do: Process.put(__MODULE__, {isolation, thread})
  end

  @doc "It came from elsewhere."
  @spec came(luggage) :: term
  def came(luggage), do: Process.put({__MODULE__, :luggage}, luggage)

  defp luggage,
    do:
      Process.get({__MODULE__, :luggage}) ||
        %{root: self(), before: [], restart: Lineage.restart(Process.get())}

  @doc "How the actor with that dictionary is started again, by what its specification said."
  @spec restart(keyword) :: :permanent | :transient | :temporary
  def restart(dictionary) do
    case List.keyfind(dictionary, {__MODULE__, :luggage}, 0) do
      nil -> Lineage.restart(dictionary)
      {_, luggage} -> luggage.restart
    end
  end

  @doc "What stood for it is gone: in its process, it takes what that had."
  @spec settle(luggage, [String.t()], [{String.t(), Topics.Server.terms()}]) :: term
  def settle(luggage, groups, topics) do
    came(luggage)
    Enum.each(groups, &Groups.join/1)
    for {topic, terms} <- topics, do: Topics.Server.subscribe(topic, self(), terms)
  end

  @doc "Those that its processes were before, the last one first."
  @spec before :: [pid]
  def before, do: luggage().before

  @spec describe({pid, reference}, module, Owner.t(), String.t() | nil) :: term
  def describe({asker, reference}, module, owner, label) do
    {isolation, thread} = Process.get(__MODULE__, {nil, :shared})

    send(
      asker,
      {reference,
       %{
         pid: self(),
         node: Nodes.main(),
         module: module,
         kind: owner.kind,
         label: label,
         isolation: if(Nodes.main?(), do: isolation || "shared", else: "process"),
         thread: thread,
         root: luggage().root
       }}
    )
  end

  @doc "The work that gives the state begins, behind all that has come."
  @spec begin({pid, reference}, pid, Owner.t(), t | nil) :: t | nil
  def begin(asker, guest, %{kind: :run}, now), do: refuse(asker, guest, :function, now)
  def begin(asker, guest, _owner, %__MODULE__{} = now), do: refuse(asker, guest, :moves, now)

  def begin(asker, guest, owner, nil),
    do: if(here?(asker, guest), do: nil, else: begin(asker, guest, owner))

  defp begin(asker, guest, owner) do
    tag = {__MODULE__, make_ref()}
    from = {self(), tag}
    :ok = Native.actor_work(owner.native, :move, @subject, Codec.pack!(nil), from, nil)
    %__MODULE__{asker: asker, guest: guest, tag: tag}
  end

  @doc "True if it is in that program already, as another one has moved it there: then it has said so."
  @spec here?({pid, reference}, pid) :: boolean
  def here?(asker, guest) do
    here? = node(guest) == Nodes.main()
    if here?, do: told(%{asker: asker, guest: guest}, {:ok, self()})
    here?
  end

  defp refuse(asker, guest, why, now) do
    text =
      case why do
        :function -> "it is a function: its code runs where it began"
        :moves -> "it is moving already"
      end

    told(%{asker: asker, guest: guest}, {:error, text})
    now
  end

  @doc """
  Whether a message is about the move, and what comes of it: nothing yet, that it stays, or that it has
  left, with what waited for it.
  """
  @spec heard(term, t, Owner.t()) :: {:goes_on, t} | :stays | {:left, Moved.t()} | :unknown
  def heard({:"$rebeam", :reply, {_, tag}, status, payload, _}, %{tag: tag} = now, owner),
    do: gave(status, payload, now, owner)

  def heard({tag, {:ok, actor}}, %{tag: tag} = now, owner) do
    Process.demonitor(now.monitor, [:flush])
    moved = Moved.new(owner, actor, now.guest, luggage(owner))
    send(now.guest, {__MODULE__, :taken})
    {asker, reference} = now.asker
    send(asker, {reference, {:ok, actor}})
    {:left, moved}
  end

  def heard({tag, {:error, text}}, %{tag: tag} = now, owner), do: stay(text, now, owner)

  def heard({:DOWN, monitor, _, _, reason}, %{monitor: monitor} = now, owner),
    do: stay(lost(now.guest, reason), now, owner)

  def heard(_message, _now, _owner), do: :unknown

  defp lost(guest, :noconnection), do: "the node #{node(guest)} is gone"
  defp lost(_guest, reason), do: "it could not be started there: #{inspect(reason)}"

  defp gave(:error, payload, now, owner) do
    {:ok, text} = Codec.unpack_message(payload)
    stay(to_string(text), now, owner)
  end

  defp gave(:ok, payload, now, owner) do
    # Its asynchronous code.
    if owner.branches == %{} do
      monitor = Process.monitor(now.guest)
      state = Loans.lend(payload, now.guest)
      luggage = Map.merge(luggage(owner), now.more)
      send(now.guest, {__MODULE__, :state, {self(), now.tag}, state, luggage})
      {:goes_on, %{now | monitor: monitor}}
    else
      stay("code of it still waits, which its handlers have left behind", now, owner)
    end
  end

  @doc """
  The same of a process that waits for what comes of it: it has its state, or why it has none, and takes
  along what `more` has besides.
  """
  @spec give({:ok | :error, Codec.payload()}, {pid, reference}, pid, Owner.t(), map) ::
          :stays | {:left, Moved.t()}
  def give({status, payload}, asker, guest, owner, more) do
    now = %__MODULE__{asker: asker, guest: guest, tag: {__MODULE__, make_ref()}, more: more}
    status |> gave(payload, now, owner) |> await(owner)
  end

  defp await({:goes_on, %{tag: tag, monitor: monitor} = now}, owner) do
    receive do
      {^tag, _} = answer -> answer |> heard(now, owner) |> await(owner)
      {:DOWN, ^monitor, _, _, _} = down -> down |> heard(now, owner) |> await(owner)
    end
  end

  defp await(result, _owner), do: result

  defp luggage(owner) do
    %{root: root, before: before, restart: restart} = luggage()
    %{root: root, before: [self() | before], restart: restart, traps?: owner.exits.traps?}
  end

  defp stay(text, now, owner) do
    if now.monitor, do: Process.demonitor(now.monitor, [:flush])
    Native.actor_stay(owner.native)
    told(now, {:error, text})
    :stays
  end

  # The guest is not needed.
  defp told(%{asker: {asker, reference}, guest: guest}, result) do
    send(guest, {__MODULE__, :nothing})
    send(asker, {reference, result})
  end
end
