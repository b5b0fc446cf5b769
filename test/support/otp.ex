defmodule Rebeam.Otp do
  @moduledoc false
  # What OTP itself does in the scenarios that the tests of processes play in Python: the same
  # with plain processes, in the same words.

  import Rebeam.Waiting

  alias Rebeam.PythonError

  @doc """
  What becomes of a process that gets an exit signal: "reason" of its end or "alive", and
  the exits that it saw. `from` is `:other` or `:self`.
  """
  @spec signal(:other | :self, boolean, term) :: {String.t(), [String.t()]}
  def signal(from, trap?, reason) do
    observe(trap?, fn pid ->
      if from == :self, do: send(pid, {:exit_self, reason}), else: Process.exit(pid, reason)
    end)
  end

  @doc "The same for one that links itself to a process that is gone."
  @spec link_to_dead(boolean) :: {String.t(), [String.t()]}
  def link_to_dead(trap?) do
    {dead, monitor} = spawn_monitor(fn -> :ok end)
    receive do: ({:DOWN, ^monitor, _, _, _} -> :ok)
    observe(trap?, &send(&1, {:link, dead}))
  end

  @doc "The same for one that is linked to a process that ends with `reason`."
  @spec linked(boolean, term) :: {String.t(), [String.t()]}
  def linked(trap?, reason) do
    observe(trap?, fn pid -> send(pid, {:spawn_link, fn -> exit(reason) end}) end)
  end

  @doc "The same for one that is linked to a process that is killed."
  @spec linked_to_killed(boolean) :: {String.t(), [String.t()]}
  def linked_to_killed(trap?) do
    observe(trap?, fn pid ->
      send(pid, {:spawn_link, fn -> Process.exit(self(), :kill) end})
    end)
  end

  defp observe(trap?, act) do
    tester = self()
    {pid, monitor} = spawn_monitor(fn -> wait(trap?, tester) end)
    receive do: (:ready -> act.(pid))

    # It answers when it has done what it was told, and has heard of the end of what it is linked to
    # when that link is gone.
    with {"alive", _} <- fate(pid, monitor),
         true <- wait_until(fn -> Process.info(pid, :links) in [{:links, []}, nil] end),
         {"alive", _} = fate <- fate(pid, monitor) do
      Process.exit(pid, :kill)
      fate
    end
  end

  defp fate(pid, monitor) do
    send(pid, {:seen, self()})

    receive do
      {:DOWN, ^monitor, _, _, reason} -> {text(reason), []}
      {:seen, seen} -> {"alive", Enum.map(seen, &text/1)}
    end
  end

  defp wait(trap?, tester) do
    Process.flag(:trap_exit, trap?)
    send(tester, :ready)
    wait_on([])
  end

  defp wait_on(seen) do
    receive do
      {:EXIT, _, reason} ->
        wait_on(seen ++ [reason])

      {:seen, who} ->
        send(who, {:seen, seen})
        wait_on(seen)

      {:exit_self, reason} ->
        Process.exit(self(), reason)
        wait_on(seen)

      {:spawn_link, fun} ->
        spawn_link(fun)
        wait_on(seen)

      {:link, pid} ->
        try_link(pid)
        wait_on(seen)
    end
  end

  # Where OTP fails instead of sending the signal, the process ends with that.
  defp try_link(pid) do
    Process.link(pid)
  rescue
    _ in ErlangError -> exit(:noproc)
  end

  @doc "What `print(fate(pid))` prints for that (test/programs/actor/judge.py)."
  @spec python({String.t(), [String.t()]}) :: String.t()
  def python({fate, seen}), do: "('#{fate}', [#{Enum.map_join(seen, ", ", &"'#{&1}'")}])"

  defp text(reason), do: PythonError.reason_text(reason)
end
