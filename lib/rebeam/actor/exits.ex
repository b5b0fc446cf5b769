defmodule Rebeam.Actor.Exits do
  @moduledoc false
  # What a process of Python's does with exit signals.
  #
  # Operations run in the process but do not see its state, so this is kept in the process
  # dictionary. Two wishes share OTP's one flag: Python's own (`trap/1`), and that of processes
  # which end in order although Python did not ask for it (`guard/0`: for @stop, and functions).
  # To Python only its own counts: a guarded process that gets an exit signal ends with its
  # reason, as if it had not been trapped.

  @kind :"$rebeam_kind"
  @native :"$rebeam_native"
  @trap :"$rebeam_trap"
  @guard :"$rebeam_guard"
  @unguard :"$rebeam_unguard"
  @signalled :"$rebeam_signalled"
  @ending :"$rebeam_ending"

  @type kind :: :actor | :run | :script | nil

  @doc """
  Says what the calling process is, and its native actor; processes that act for plain threads
  say nothing.
  """
  @spec start(kind, reference | nil) :: term
  def start(kind, native \\ nil) do
    Process.put(@kind, kind)
    Process.put(@native, native)
  end

  @doc "The native actor of an actor's process."
  @spec native :: reference | nil
  def native, do: Process.get(@native)

  @doc "Nil for a plain thread's."
  @spec kind :: kind
  def kind, do: Process.get(@kind)

  @doc "The process whose the calling code is; a plain thread has none that stays."
  @spec owner :: pid | nil
  def owner, do: if(kind(), do: self())

  @doc "Traps exits in order to end in order."
  @spec guard :: boolean
  def guard do
    Process.put(@guard, true)
    Process.delete(@unguard)
    Process.flag(:trap_exit, true)
  end

  @doc """
  Guarded meanwhile, `fun` starts the process: a signal that ends it is a failed start, of
  which somebody has to hear.
  """
  @spec guard_start((() -> tuple)) :: tuple
  def guard_start(fun) do
    guard()
    Process.put(@unguard, true)
    result = fun.()
    if Process.delete(@unguard), do: Process.put(@guard, false)
    set_flag()
    if elem(result, 0) == :ok, do: signalled_meanwhile(result), else: result
  end

  defp signalled_meanwhile(result) do
    if trapping?() or Process.get(@guard), do: result, else: missed(result)
  end

  # What came when nobody looked any more.
  defp missed(result) do
    receive do
      {:EXIT, pid, reason} when reason != :normal or pid == self() -> {:stop, reason}
    after
      0 -> result
    end
  end

  @doc "What Python wants; returns what it wanted before."
  @spec trap(boolean) :: boolean
  def trap(flag) do
    before = trapping?()
    Process.put(@trap, flag)
    set_flag()
    before
  end

  # What either wish wants.
  defp set_flag, do: Process.flag(:trap_exit, trapping?() or Process.get(@guard, false))

  @doc "Whether Python traps exits."
  @spec trapping? :: boolean
  def trapping?, do: Process.get(@trap, false)

  @doc """
  True if a signal ends the process: no failure of its own, so OTP logs nothing for
  processes that do not trap exits.
  """
  @spec signalled? :: boolean
  def signalled?, do: Process.get(@signalled, false)

  @doc """
  What to do with `{:EXIT, pid, reason}`: tell Python, end, nothing; or it is no signal but a
  plain message, as the process traps none.
  """
  @spec received(pid | port, term) :: :event | :stop | :ignore | :message
  def received(pid, reason) do
    cond do
      trapping?() -> :event
      not Process.get(@guard, false) -> :message
      reason == :normal and pid != self() -> :ignore
      true -> stop()
    end
  end

  defp stop do
    Process.put(@signalled, true)
    :stop
  end

  @doc "The end of this process is that of another, which had its entry in the log."
  @spec follow :: term
  def follow, do: Process.put(@signalled, true)

  @doc "The process is on its way out: no signal changes that."
  @spec ending :: term
  def ending, do: Process.put(@ending, true)

  @doc "Whether an exit signal that the process sends itself ends it: nothing behind that runs."
  @spec ends_itself? :: boolean
  def ends_itself?, do: kind() in [:actor, :run] and not trapping?() and not ending?()

  defp ending?, do: Process.get(@ending, false)

  @doc """
  Whose exit signals a process does not heed while it starts or ends: `:all`, or its parent's
  alone, which is obeyed when the start is over.
  """
  @spec deaf :: :all | pid | nil
  def deaf do
    heeds? = Process.get(@guard, false) and not trapping?() and not ending?()
    if heeds?, do: parent(), else: :all
  end

  @doc "The parent, if its signal ends a process that starts: one guarded for the start alone."
  @spec ender :: pid | nil
  def ender, do: if(Process.get(@unguard) && !trapping?(), do: parent())

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
