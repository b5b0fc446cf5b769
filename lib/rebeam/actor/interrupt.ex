defmodule Rebeam.Actor.Interrupt do
  @moduledoc false
  # A call whose caller waits no more, and wants its work stopped too (c_src/actor/interrupt.c).
  #
  #   caller --Post.interrupt--> the target's process, on whatever node
  #
  # There the work is told by its caller, `from`. What has not begun is withdrawn. Code gets
  # CallInterrupted; if it is at work a second later, its process ends, without @stop, as that
  # would run beside it. The native part has ways to end the code then (c_src/actor/kill.c).

  alias Rebeam.{Log, Native, PythonError}
  alias Rebeam.Message.Loans

  @tries 4
  @period 250

  @typedoc "Whose call, and how often it is looked after yet; all: it has just been asked for."
  @type due :: {GenServer.from(), tries :: non_neg_integer | :all}

  @doc """
  Does what is due in the calling process, whose native actor it is. `word`: what it waits for if
  it takes no other messages now, as in `Rebeam.Actor.Owner.await/2`. `:withdrawn`: nothing will
  come of that. `:cut`: a second has passed, the code goes on, and the process has to end.
  """
  @spec pursue(due, reference, atom | reference | nil) :: :ok | :withdrawn | :cut
  def pursue({from, :all}, native, word) do
    if withdrawn?(from, word), do: :ok, else: stop(native, from, word, @tries)
  end

  def pursue({from, tries}, native, word), do: stop(native, from, word, tries)

  @doc "The reason to end for then, logged."
  @spec cut(String.t()) :: term
  def cut(label) do
    text = "CallInterrupted: its caller waits no more, and its handler did not end in a second"
    Log.interrupted(label, text)
    {%PythonError{type: "CallInterrupted", message: text, traceback: text}, []}
  end

  # The exception may have to wait a little before it can be raised: so this asks again.
  defp stop(native, from, word, tries) do
    case Native.actor_interrupt(native, caller(from, word)) do
      :working when tries == 0 -> :cut
      :working -> again(from, tries - 1)
      :withdrawn -> :withdrawn
      :over -> :ok
    end
  end

  defp again(from, tries) do
    :erlang.start_timer(@period, self(), {__MODULE__, from, tries})
    :ok
  end

  # A state machine hands its events on under a reference of its own.
  defp caller({pid, tag}, word) when is_reference(word), do: {pid, [word | tag]}
  defp caller(from, _word), do: from

  # Behind what the process works on.
  defp withdrawn?(_from, nil), do: false

  defp withdrawn?(from, _word) do
    receive do
      {:"$gen_call", ^from, {:rebeam, _, payload}} ->
        Loans.drop(payload)
        true

      # It had a place in the mailbox, which the next one shall have.
      {:"$gen_call", ^from, {:rebeam_admitted, _, _}} ->
        Native.mailbox_cancel(self())
        true
    after
      0 -> false
    end
  end
end
