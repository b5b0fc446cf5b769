defmodule Rebeam.Operation.Timers do
  @moduledoc false
  # Messages that are sent later: python/rebeam/_timers.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Message.Timers
  alias Rebeam.Operation.Asker
  alias Rebeam.Packed

  @impl true
  def perform("send_after", [milliseconds, target, subject, %Packed{payload: payload}], _) do
    {:ok, Timers.send_after(milliseconds, target, message(subject, payload))}
  end

  def perform("send_interval", [microseconds, target, subject, %Packed{payload: payload}], asker) do
    # One that a thread asks for is the program's.
    {message, owner} = {message(subject, payload), Asker.process(asker)}
    {:later, fn -> {:ok, Timers.send_interval(microseconds, target, message, owner)} end}
  end

  def perform("cancel", [reference], _), do: {:later, fn -> {:ok, Timers.cancel(reference)} end}

  defp message(subject, payload), do: {:rebeam, subject, payload, nil, nil}
end
