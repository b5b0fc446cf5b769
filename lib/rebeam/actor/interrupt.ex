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
  alias Rebeam.Value.Codec

  # As Python says it (lib/rebeam/state_machine/step.ex): keep the state, answer nobody.
  @nothing {"keep", nil, nil, false, []}

  @tries 4
  @period 250

  @type due :: {:interrupt, GenServer.from(), tries :: non_neg_integer}

  @doc """
  The calling process, whose native actor it is, was asked. `word`: what it waits for if it takes
  no other messages now, as in `Rebeam.Actor.drive/2`.
  """
  @spec begin(reference, GenServer.from(), atom | reference | nil) :: :ok
  def begin(native, from, word) do
    unless withdrawn?(from, word), do: stop(native, from, word, @tries)
    :ok
  end

  @doc "Time has passed: is it over? `{:cut, reason}`: no, and the process has to end."
  @spec again(due, struct, atom | reference | nil) :: :ok | {:cut | :failed, term}
  def again({:interrupt, from, tries}, state, word) do
    if stop(state.native, from, word, tries) == :cut,
      do: {if(word, do: :failed, else: :cut), cut(state.label)},
      else: :ok
  end

  @doc "True if the calling process ends while its code goes on: nothing may wait for that."
  @spec cut?() :: boolean
  def cut?, do: Process.get(__MODULE__, false)

  defp cut(label) do
    Process.put(__MODULE__, true)
    text = "CallInterrupted: its caller waits no more, and its handler did not end in a second"
    Log.interrupted(label, text)
    {%PythonError{type: "CallInterrupted", message: text, traceback: text}, []}
  end

  # The exception may have to wait a little before it can be raised: so this asks again.
  defp stop(native, from, word, tries) do
    case Native.actor_interrupt(native, caller(from, word)) do
      :working when tries == 0 ->
        :cut

      :working ->
        :erlang.start_timer(@period, self(), {:"$rebeam", {:interrupt, from, tries - 1}})

      :withdrawn ->
        nothing_came(word)

      :over ->
        :ok
    end
  end

  # A state machine waits for what its event means.
  defp nothing_came(word) when is_reference(word),
    do: send(self(), {:"$rebeam", :reply, {nil, [word | nil]}, :ok, Codec.pack!(@nothing), ""})

  defp nothing_came(_word), do: :ok

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
    after
      0 -> false
    end
  end
end
