defmodule Rebeam.Actor.Raised do
  @moduledoc false
  # What ended Python code: an exception that left it, as the native part tells it.

  alias Rebeam.Child.Lineage
  alias Rebeam.{Log, PythonError}
  alias Rebeam.Log.{Crash, Crashes, Work}

  @enforce_keys [:code, :error]
  defstruct [
    :code,
    :error,
    :work,
    :seconds,
    class: "",
    state: "",
    message: "",
    locals: "",
    recording: "",
    trail: []
  ]

  @typedoc """
  `code`: the exit status, if it was SystemExit. Of an actor's code also `work`, what it was at,
  `seconds`, for how long, `trail`, whose calls led to it (c_src/actor/trail.h), and texts of
  Python's: the `class` and `state` of the instance, the `message` that it had, and the `locals`
  where it raised, if those are wanted; `recording` is the file of the flight recorder.
  """
  @type t :: %__MODULE__{
          code: integer | nil,
          error: PythonError.t(),
          work: Work.t() | nil,
          class: String.t(),
          state: String.t(),
          message: String.t(),
          locals: String.t(),
          recording: String.t(),
          seconds: float | nil,
          trail: [{pid, atom | nil, String.t()}]
        }

  @doc "The reason for its process to stop, logged once. Callers have been told."
  @spec reason(t, String.t()) :: term
  def reason(%{code: nil} = raised, label) do
    note(raised, label)

    Log.crash(%Crash{
      actor: label,
      pid: self(),
      work: raised.work,
      traceback: raised.error.traceback,
      class: raised.class,
      message: if(Work.message(raised.work), do: raised.message, else: ""),
      state: raised.state,
      locals: raised.locals,
      recording: raised.recording,
      sender: sender(raised.work),
      seconds: raised.seconds,
      trail: Enum.map(raised.trail, &step/1),
      supervisor: Lineage.supervisor()
    })

    {raised.error, []}
  end

  def reason(%{code: 0}, _label), do: :normal

  def reason(%{code: code} = raised, label) do
    note(raised, label)
    Log.exited(label, raised.work, code, raised.error.message)
    {:system_exit, code}
  end

  defp note(%{error: error, work: work}, label) do
    who = Process.get(:"$process_label", label)
    why = if error.message == "", do: error.type, else: "#{error.type}: #{error.message}"
    Crashes.note(self(), who, why, error.traceback, work)
  end

  # Of a state machine's own event it is the machine.
  defp sender({_, _, _, pid}) when pid == nil or pid == self(), do: nil
  defp sender({_, _, _, pid}), do: Lineage.sender(pid)

  defp step({pid, work, subject}),
    do: {Lineage.sender(pid), Work.step({work, subject, "", nil})}

  @doc "True if the code was cut off by the end of its actor, and says so: no failure."
  @spec cut_off?(t) :: boolean
  def cut_off?(raised), do: raised.error.type in ["ActorExit", "CancelledError"]
end
