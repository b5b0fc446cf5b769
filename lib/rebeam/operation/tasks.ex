defmodule Rebeam.Operation.Tasks do
  @moduledoc false
  # Tasks: python/rebeam/_tasks.py.
  @behaviour Rebeam.Operation

  import Rebeam.Operation.Asker, only: [takes_signals: 1]

  alias Rebeam.{PythonError, Tasks}
  alias Rebeam.Operation.Asker

  # A failed task that is linked takes its caller down. This long it is waited for, in
  # milliseconds: the caller may have taken the link back.
  @doom_timeout 1_000

  @impl true
  def perform("async", [label, linked?], %{handles: [handle]} = asker) do
    {owner, link_to} = {Asker.process(asker), linked(asker, linked?)}

    {:later,
     fn ->
       with {:ok, keeper} <- Tasks.start(:one, owner, link_to) do
         [pid] = Tasks.run(keeper, label, [handle], :infinity)
         {:ok, {keeper, pid, owner}}
       end
     end}
  end

  def perform("await", [keeper, owner, linked?, timeout], asker) do
    if Asker.process(asker) == owner do
      doomed = doomed(asker, linked?)
      {:wait, fn -> keeper |> Tasks.take(0, 0, timeout(timeout)) |> awaited(doomed, timeout) end}
    else
      {:error, "RuntimeError", "a task is awaited by the process that started it, and no other"}
    end
  end

  def perform("stream", [linked?], asker) do
    {owner, link_to} = {Asker.process(asker), linked(asker, linked?)}
    {:later, fn -> Tasks.start(:stream, owner, link_to) end}
  end

  def perform("start", [keeper, label, limit], %{handles: handles}) do
    {:later,
     fn ->
       Tasks.run(keeper, label, handles, timeout(limit))
       {:ok, nil}
     end}
  end

  def perform("next", [keeper, linked?, number, take], asker) do
    doomed = doomed(asker, linked?)
    {:wait, fn -> keeper |> Tasks.take(number || :any, take, :infinity) |> item(doomed) end}
  end

  def perform("close", [keeper], _), do: {:later, fn -> {:ok, Tasks.close(keeper) && nil} end}

  def perform("result", [packed], _) do
    Tasks.result(packed)
    {:ok, nil}
  end

  defp timeout(nil), do: :infinity
  defp timeout(milliseconds), do: milliseconds

  # ---- whose fate is the task's -----------------------------------------------------------

  # What a linked task is linked to; nil where that means nothing.
  defp linked(asker, true) when takes_signals(asker), do: asker.pid
  defp linked(_asker, _linked?), do: nil

  # Whom a failed task takes down: the same, unless it traps exits.
  defp doomed(%{exits: %{traps?: true}}, _linked?), do: nil
  defp doomed(asker, linked?), do: linked(asker, linked?)

  # ---- outcomes ---------------------------------------------------------------------------

  defp awaited({:ok, {:ok, packed}}, _doomed, _), do: {:ok, packed}

  defp awaited({:ok, {:down, reason}}, doomed, _) do
    await_doom(doomed, reason)
    {:error, "TaskError", PythonError.reason_text(reason)}
  end

  defp awaited(:timeout, _doomed, milliseconds) do
    {:error, "TimeoutError", "the task is not over after #{milliseconds / 1000} s; it goes on"}
  end

  defp awaited(:none, _doomed, _) do
    {:error, "RuntimeError", "the task has been awaited or cancelled already"}
  end

  defp item({:ok, {:ok, packed}}, _doomed), do: {:ok, {"ok", packed}}
  defp item({:ok, :timeout}, _doomed), do: {:ok, {"timeout", nil}}

  defp item({:ok, {:down, reason}}, doomed) do
    await_doom(doomed, reason)
    {:ok, {"down", PythonError.reason_text(reason)}}
  end

  defp item(:none, _doomed), do: {:error, "RuntimeError", "the stream is closed"}

  # Its code shall not see that the task failed: in OTP the link is faster.
  defp await_doom(nil, _reason), do: :ok
  defp await_doom(_doomed, :normal), do: :ok

  defp await_doom(doomed, _reason) do
    monitor = Process.monitor(doomed)

    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    after
      @doom_timeout -> Process.demonitor(monitor, [:flush])
    end
  end
end
