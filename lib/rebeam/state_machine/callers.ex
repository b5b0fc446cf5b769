defmodule Rebeam.StateMachine.Callers do
  @moduledoc false
  # Who waits for an answer of a state machine that ends. They would learn it from their
  # monitors, but a caller that has no monitor yet (c_src/actor/announce.c) only that there
  # is no such process, and not why.

  alias Rebeam.Message.Post
  alias Rebeam.PythonError
  alias Rebeam.Value.Codec

  @doc "Tells them the reason as soon as this process, and with it its name, is gone."
  @spec tell(struct, term) :: :ok
  def tell(data, reason) do
    {:ok, payload} = Codec.pack(PythonError.reason_text(reason))
    callers = Enum.filter(Map.keys(data.callers), &ours?/1) ++ queued([])
    machine = self()
    if callers != [], do: spawn(fn -> tell_later(machine, callers, payload) end)
    :ok
  end

  defp tell_later(machine, callers, payload) do
    monitor = Process.monitor(machine)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> Enum.each(callers, &Post.reply(&1, :down, payload))
    end
  end

  # Casts go with the process in any case, and would be looked through again and again.
  defp queued(callers) do
    receive do
      {:"$gen_call", from, _} -> queued(if ours?(from), do: [from | callers], else: callers)
      {:"$gen_cast", _} -> queued(callers)
    after
      0 -> callers
    end
  end

  # The others monitor the process from the start, as OTP does it.
  defp ours?({_pid, [:"$rebeam" | _]}), do: true
  defp ours?(_from), do: false
end
