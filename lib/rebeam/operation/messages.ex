defmodule Rebeam.Operation.Messages do
  @moduledoc false
  # Messages beyond call and cast: python/rebeam/_messages.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Bytes, Names, Native}

  @impl true
  def perform("send", [target, value], _) do
    case Names.resolve(target) do
      {:ok, pid} -> {:ok, send(pid, value) == value}
      :none -> {:ok, false}
      {:error, text} -> {:error, "ValueError", text}
    end
  end

  # To an actor of this node as natively as a handler's own answer, lest one overtakes the other.
  def perform("reply", [_source, {pid, tag} = from, ok?, %Bytes{data: payload}], _)
      when is_pid(pid) do
    status = if ok?, do: :ok, else: :error
    Native.actor_reply(tag, status, payload) || GenServer.reply(from, {status, payload})
    {:ok, nil}
  end
end
