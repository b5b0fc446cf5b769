defmodule Rebeam.Actor.Exits do
  @moduledoc false
  # What a process of Python's does with exit signals.
  #
  #          starting/1               guard/1
  #   open ------------> starting ------------> guarded
  #    \--------------------- guard/1 -------------^
  #
  #   and from each, once: ending/1, on the way out. No signal changes that.
  #
  # Two wishes share OTP's one flag: Python's own (`trap/2`), and that of a process which ends in
  # order although Python did not ask for it: it has started, and its code has to hear of the end, or
  # it starts by itself, and somebody has to hear of that. To Python only its own wish counts. A
  # signal means
  #
  #              if Python traps it   otherwise
  #   open       waits, as an Exit    by OTP's own hand it ends the process, at once
  #   starting   waits, as an Exit    the parent's ends the process, others are a failed start
  #   guarded    an Exit              ends it in order with the signal's reason, as if untrapped
  #   ending     waits                waits
  #
  # While the process waits for its code alone (`Rebeam.Actor.Owner.await/2`), `heeded/2` says whose
  # signals count; those that wait are looked at afterwards, by `received/3`.

  alias Rebeam.Log

  defstruct phase: :open, traps?: false, ending?: false

  @type t :: %__MODULE__{
          phase: :open | :starting | :guarded,
          traps?: boolean,
          ending?: boolean
        }

  @doc "Traps exits in order to end in order."
  @spec guard(t) :: t
  def guard(exits), do: flagged(%{exits | phase: :guarded})

  @doc "A start begins of which somebody has to hear: a signal that ends it is a failed start."
  @spec starting(t) :: t
  def starting(exits), do: flagged(%{exits | phase: :starting})

  @doc "The process is on its way out."
  @spec ending(t) :: t
  def ending(exits), do: %{exits | ending?: true}

  @doc "What Python wants."
  @spec trap(t, boolean) :: t
  def trap(exits, wish), do: flagged(%{exits | traps?: wish})

  # What either wish wants.
  defp flagged(exits) do
    Process.flag(:trap_exit, exits.traps? or exits.phase != :open)
    exits
  end

  @doc """
  What to do with `{:EXIT, pid, reason}`, once the process has started: tell Python, end, nothing.
  """
  @spec received(t, pid, term) :: :event | :stop | :ignore
  def received(%{traps?: true}, _pid, _reason), do: :event
  def received(_exits, pid, :normal) when pid != self(), do: :ignore

  # No failure of its own: OTP logs nothing for processes that do not trap exits.
  def received(_exits, _pid, _reason) do
    Log.said()
    :stop
  end

  @doc "Whether an exit signal that the process sends itself ends it: nothing behind that runs."
  @spec ends_itself?(t) :: boolean
  def ends_itself?(exits), do: not exits.traps? and not exits.ending?

  @typedoc """
  Whose signals count: one of `ends` ends the process, one of `fails` what it waits for, whatever
  the reason. If `others?`, so does one of any other process than the parent, but for `:normal`.
  """
  @type heeded :: %{ends: pid | nil, fails: pid | nil, others?: boolean, parent: pid | nil}

  @doc "That, while the process waits for its code alone; `event?`: a state machine, for an event's."
  @spec heeded(t, boolean) :: heeded
  def heeded(exits, event?) do
    {untrapped?, parent} = {not exits.traps?, parent()}

    %{
      ends: if(untrapped? and exits.phase == :starting, do: parent),
      fails: if(event?, do: parent),
      others?: untrapped? and exits.phase != :open and not exits.ending?,
      parent: parent
    }
  end

  @doc "Whether a signal counts."
  defguard is_heeded(heeded, pid, reason)
           when pid == heeded.ends or pid == heeded.fails or
                  (heeded.others? and pid != heeded.parent and
                     (reason != :normal or pid == self()))

  @doc """
  Ends the process at once if it was its parent on another node that was killed: that stands in
  for it there, and was meant.
  """
  @spec follow_kill(term) :: :ok
  def follow_kill(:killed) do
    parent = parent()

    if parent && node(parent) != node() do
      Process.exit(self(), :kill)

      receive do
        :never -> :ok
      end
    end

    :ok
  end

  def follow_kill(_reason), do: :ok

  @doc "Who started the process, and whose exit signal ends it whatever it traps."
  @spec parent :: pid | nil
  def parent do
    case Process.get(:"$ancestors") do
      [pid | _] when is_pid(pid) -> pid
      [name | _] -> Process.whereis(name)
      _ -> nil
    end
  end
end
