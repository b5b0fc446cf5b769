defmodule Rebeam.Actor.Moved do
  @moduledoc false
  # What the process of an actor is once that has moved: it stands for the actor, for all that know
  # it by this process.
  #
  #   a message --> handed on, in order
  #   a signal, the end of a link --> handed on as the actor's own process would have got it
  #   the actor ends --> ends, for the same reason: links, monitors and the supervisor hear that
  #   told to end by its supervisor --> has the actor end, as it was told, and ends after it
  #   the actor moves on --> what was sent on arrives there first, then the rest goes there at once
  #
  # The one that a supervisor has is the *root*. Those in between, of an actor that moved more than
  # once, only hand on.

  alias Rebeam.Actor.{Exits, Idle, Interrupt}
  alias Rebeam.Message.{Loans, Reasons, Watch}
  alias Rebeam.Native
  alias Rebeam.Nodes.Courier

  @enforce_keys [:owner, :to, :monitor, :guest, :root?]
  defstruct @enforce_keys

  @type t :: %__MODULE__{
          owner: Rebeam.Actor.Owner.t(),
          to: pid,
          monitor: reference,
          guest: pid,
          root?: boolean
        }

  @spec new(Rebeam.Actor.Owner.t(), pid, pid, Rebeam.Actor.Moving.luggage()) :: t
  def new(owner, to, guest, %{root: root, before: [_ | before]}) do
    moved = %__MODULE__{
      owner: owner,
      to: to,
      monitor: Process.monitor(to),
      guest: guest,
      root?: root == self()
    }

    waiting = Native.actor_leave(owner.native)
    Native.actor_kill(owner.native)
    # Links are told to it, and its own end is for who is linked to it.
    Process.flag(:trap_exit, true)
    Process.put(__MODULE__, to)
    Enum.each(waiting, &hand_on(&1, moved))
    for each <- before, do: send(each, {__MODULE__, :further, self(), to, guest})
    moved
  end

  @doc "What others ask of an actor's former processes: to end what they began for it."
  @spec undo([pid], :demonitor | :unlink, reference | pid) :: term
  def undo(before, what, about),
    do: for(each <- before, do: send(each, {__MODULE__, what, about}))

  @doc "In the actor's process: all that the other one has handed on before has come."
  @spec arrived({pid, reference}) :: term
  def arrived({pid, reference}), do: send(pid, {reference, :arrived})

  # ---- callbacks, as Rebeam.Actor.Loop calls them --------------------------------------------------

  @spec handle_call(term, GenServer.from(), t) :: {:noreply, t}
  def handle_call(request, from, moved), do: pass({:"$gen_call", from, request}, moved)

  @spec handle_cast(term, t) :: {:noreply, t}
  def handle_cast(request, moved), do: pass({:"$gen_cast", request}, moved)

  @spec handle_info(term, t) :: {:noreply, t} | {:exit, term, t}
  def handle_info({:DOWN, monitor, _, _, reason}, %{monitor: monitor} = moved) do
    Reasons.ended(reason)
    {:exit, reason, moved}
  end

  def handle_info({__MODULE__, :further, via, to, guest}, %{to: via} = moved),
    do: {:noreply, further(moved, to, guest)}

  def handle_info({__MODULE__, :further, _, _, _}, moved), do: {:noreply, moved}

  # Its guest is its supervisor from now on.
  def handle_info({__MODULE__, :adopted}, moved), do: {:noreply, %{moved | root?: false}}

  def handle_info({__MODULE__, :adopt, belongings}, moved) do
    send(moved.guest, {__MODULE__, :adopt, belongings})
    {:noreply, %{moved | root?: false}}
  end

  def handle_info({__MODULE__, :demonitor, reference}, moved) do
    Process.demonitor(reference, [:flush])
    {:noreply, moved}
  rescue
    # One of another process.
    ArgumentError -> {:noreply, moved}
  end

  def handle_info({__MODULE__, :unlink, pid}, moved) do
    Process.unlink(pid)
    {:noreply, moved}
  end

  def handle_info(message, moved), do: pass(message, moved)

  # The rest waits in the mailbox meanwhile.
  defp further(%{to: via} = moved, to, guest) do
    reference = make_ref()
    hand_on({__MODULE__, :flush, {self(), reference}}, moved)

    receive do
      {^reference, :arrived} -> :ok
      # With what it had not handed on.
      {:DOWN, monitor, _, ^via, _} when monitor == moved.monitor -> :ok
    end

    Process.demonitor(moved.monitor, [:flush])
    Process.put(__MODULE__, to)
    %{moved | to: to, monitor: Process.monitor(to), guest: guest}
  end

  @spec terminate(term, t) :: :ok
  def terminate(_reason, %{root?: false}), do: :ok

  def terminate(reason, moved) do
    Exits.follow_kill(reason)
    Reasons.ended(reason)
    send(moved.guest, {__MODULE__, :end, reason})

    receive do
      {:DOWN, monitor, _, _, _} when monitor == moved.monitor -> :ok
    end
  end

  # ---- handing on ----------------------------------------------------------------------------------

  defp pass(message, moved) do
    hand_on(message, moved)
    {:noreply, moved}
  end

  defp hand_on({:"$gen_call", from, {word, subject, payload}}, moved)
       when word in [:rebeam, :rebeam_admitted],
       do: deliver(moved, {:"$gen_call", from, {:rebeam, subject, lend(payload, moved)}})

  defp hand_on({:"$gen_cast", {word, subject, payload, sender, status}}, moved)
       when word in [:rebeam, :rebeam_admitted],
       do:
         deliver(moved, {:"$gen_cast", {:rebeam, subject, lend(payload, moved), sender, status}})

  defp hand_on({:"$rebeam", :info, kind, payload}, moved),
    do: deliver(moved, {:"$rebeam", :info, kind, lend(payload, moved)})

  defp hand_on({:"$rebeam", word, _} = message, moved) when word == :interrupt,
    do: deliver(moved, message)

  defp hand_on({:"$rebeam", :waits, _, _} = message, moved), do: deliver(moved, message)

  # Of what it was itself.
  defp hand_on(told, _moved) when elem(told, 0) == :"$rebeam", do: :ok
  defp hand_on({[:"$rebeam" | _], _}, _moved), do: :ok
  defp hand_on({:timeout, _, Watch}, _moved), do: :ok
  defp hand_on({:timeout, _, {word, _}}, _moved) when word == Idle, do: :ok
  defp hand_on({:timeout, _, {word, _, _}}, _moved) when word == Interrupt, do: :ok

  defp hand_on(message, moved), do: deliver(moved, message)

  defp lend([_ | _] = payload, moved), do: Loans.lend(payload, moved.to)
  defp lend(payload, _moved), do: payload

  defp deliver(moved, message), do: Courier.deliver(moved.to, message)

  @doc "Whether it is one, by its dictionary."
  @spec stands?(keyword) :: boolean
  def stands?(dictionary), do: dictionary[__MODULE__] != nil
end
