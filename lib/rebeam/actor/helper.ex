defmodule Rebeam.Actor.Helper do
  @moduledoc false
  # Processes that work for a wait: so that the process of an actor stays free, or because a thread
  # has none. `Rebeam.info/0` counts them (c_src/actor/helper.h).

  alias Rebeam.Native

  @doc """
  The calling process works for a wait from now on; for the one of that native actor if it has no
  process, which then is to hear when it is dropped. False: it was already.
  """
  @spec begin(reference | nil) :: boolean
  def begin(native) do
    # Counted for as long as it is here.
    ticket = Native.actor_help(native)
    Process.put(__MODULE__, ticket)
    ticket != :over
  end

  @doc "A process that runs `fun` to its end, whoever waits for it. `fun` is guarded."
  @spec spawn((... -> term)) :: pid
  def spawn(fun) do
    caller = self()
    Kernel.spawn(fn -> run(caller, fun) end)
  end

  @doc "One that is monitored, as it may have to be ended before."
  @spec spawn_monitor((... -> term)) :: {pid, reference}
  def spawn_monitor(fun) do
    caller = self()
    Kernel.spawn_monitor(fn -> run(caller, fun) end)
  end

  # Under Elixir's own key: in whose name it asks others.
  defp run(caller, fun) do
    Process.put(:"$callers", [caller])
    begin(nil)
    fun.()
  end
end
