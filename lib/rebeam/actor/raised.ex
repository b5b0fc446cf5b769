defmodule Rebeam.Actor.Raised do
  @moduledoc false
  # What ended Python code: an exception that left it, as the native part tells it.

  alias Rebeam.Actor.Crashes
  alias Rebeam.Child.Lineage
  alias Rebeam.{Log, PythonError}

  @enforce_keys [:code, :error]
  defstruct [:code, :error, :state, :work]

  @typedoc """
  `code`: the exit status, if it was SystemExit. Of an actor's code also `state`, the instance as
  text, and `work`, what it was at: which, under which subject, with which payload.
  """
  @type t :: %__MODULE__{
          code: integer | nil,
          error: PythonError.t(),
          state: String.t() | nil,
          work: {atom, String.t(), binary | list} | nil
        }

  @doc "The reason for its process to stop, logged once. Callers have been told."
  @spec reason(t, String.t()) :: term
  def reason(%{code: nil} = raised, label) do
    Crashes.note(raised.error.traceback)
    Log.crash(label, raised.work, raised.error.traceback, raised.state, Lineage.supervisor())
    {raised.error, []}
  end

  def reason(%{code: 0}, _label), do: :normal

  def reason(%{code: code} = raised, label) do
    Log.exited(label, raised.work, code, raised.error.message)
    {:system_exit, code}
  end

  @doc "True if the code was cut off by the end of its actor, and says so: no failure."
  @spec cut_off?(t) :: boolean
  def cut_off?(raised), do: raised.error.type in ["ActorExit", "CancelledError"]
end
