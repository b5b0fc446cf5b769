defmodule Rebeam.Operation.Timers do
  @moduledoc false
  # Messages that are sent later: python/rebeam/_timers.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Packed
  alias Rebeam.Actor.Clients
  alias Rebeam.Message.Timers

  @impl true
  def perform("send_after", [milliseconds, target, subject, %Packed{payload: payload}], _) do
    {:ok, Timers.send_after(milliseconds, target, message(subject, payload))}
  end

  def perform("send_interval", [microseconds, target, subject, %Packed{payload: payload}], _) do
    # What acts for a thread ends with the operation: such an interval is the program's.
    owner = unless Clients.here?(), do: self()

    {:later,
     fn ->
       {:ok, Timers.send_interval(microseconds, target, message(subject, payload), owner)}
     end}
  end

  def perform("cancel", [reference], _), do: {:later, fn -> {:ok, Timers.cancel(reference)} end}

  defp message(subject, payload), do: {:rebeam, subject, payload, nil, nil}
end
