defmodule Rebeam.Operation.Asker do
  @moduledoc false
  # Who asks for an operation, and with what: what its function is given besides the arguments.

  alias Rebeam.Actor.{Exits, Owner}

  @enforce_keys [:pid, :kind, :native, :exits]
  defstruct @enforce_keys ++ [handles: []]

  @typedoc """
    * `pid` - the process that asks, in which the operation runs, but for what it leaves for later
    * `kind` - what that process is; one of a `:thread` ends with the operation
    * `native` - its native actor
    * `exits` - what exit signals do to it
    * `handles` - the Python objects that came with the arguments
  """
  @type t :: %__MODULE__{
          pid: pid,
          kind: Owner.kind(),
          native: reference | nil,
          exits: Exits.t(),
          handles: [reference]
        }

  @doc "True if it is a process that signals have to arrive at: an actor's or a function's."
  defguard takes_signals(asker) when asker.kind in [:actor, :run]

  @doc "In the process that asks."
  @spec new(Owner.t(), [reference]) :: t
  def new(owner, handles) do
    %{native: native, kind: kind, exits: exits} = owner
    %__MODULE__{pid: self(), kind: kind, native: native, exits: exits, handles: handles}
  end

  @doc "The process whose the code is that asks; a thread has none that stays."
  @spec process(t) :: pid | nil
  def process(%{kind: :thread}), do: nil
  def process(asker), do: asker.pid
end
