defmodule Rebeam.Operation.Asker do
  @moduledoc false
  # Who asks for an operation, and with what: what its function is given besides the arguments.

  alias Rebeam.Actor.{Exits, Owner}

  @enforce_keys [:pid, :kind, :native, :exits]
  defstruct @enforce_keys ++ [handles: [], machine?: false]

  @typedoc """
    * `pid` - the process that asks, in which the operation runs, but for what it leaves for later
    * `kind` - what that process is; one of a `:thread` ends with the operation
    * `native` - its native actor
    * `exits` - what exit signals do to it
    * `machine?` - a state machine's: what it is sent waits in the mailbox of its process
    * `handles` - the Python objects that came with the arguments
  """
  @type t :: %__MODULE__{
          pid: pid,
          kind: Owner.kind(),
          native: reference | nil,
          exits: Exits.t(),
          handles: [reference],
          machine?: boolean
        }

  @doc "True if it is a process that signals have to arrive at: an actor's or a function's."
  defguard takes_signals(asker) when asker.kind in [:actor, :run]

  @doc "In the process that asks."
  @spec new(Owner.t(), [reference]) :: t
  def new(owner, handles) do
    %{native: native, kind: kind, exits: exits} = owner
    asker = %__MODULE__{pid: self(), kind: kind, native: native, exits: exits}
    %{asker | handles: handles, machine?: owner.late != nil}
  end

  @doc "The process whose the code is that asks; a thread has none that stays."
  @spec process(t) :: pid | nil
  def process(%{kind: :thread}), do: nil
  def process(asker), do: asker.pid
end
