defmodule Rebeam.Operation.Messages do
  @moduledoc false
  # Messages beyond call and cast: python/rebeam/_messages.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Bytes, Names, Native, Packed, StateMachine}
  alias Rebeam.Message.{Payload, Post, Requests}
  alias Rebeam.Nodes.Courier
  alias Rebeam.Operation.Asker
  alias Rebeam.Value.Codec

  @impl true
  def perform("call_many", [requests, %Bytes{data: origin}, timeout, interrupt?], %{pid: pid}) do
    requests =
      for {target, subject, %Packed{payload: payload}} <- requests,
          do: {target, subject, Payload.with_origin(payload, origin)}

    {:wait, fn -> Requests.call_many(pid, requests, timeout, interrupt?) end}
  end

  def perform("gen_call", [target, %Packed{payload: packed}, timeout], %{pid: caller}) do
    with {:ok, request} <- unpack(packed) do
      {:wait, fn -> Requests.gen_call(caller, target, request, timeout) end}
    end
  end

  def perform("gen_cast", [target, %Packed{payload: packed}], _) do
    with {:ok, request} <- unpack(packed) do
      {:later, fn -> Requests.gen_cast(target, request) end}
    end
  end

  def perform("send", [target, %Packed{payload: packed}], _) do
    with {:ok, value} <- unpack(packed) do
      case Names.find(target, :living) do
        {:ask, question} -> {:later, fn -> question |> Names.ask() |> sent_here(value) end}
        found -> sent(found, value)
      end
    end
  end

  # To an actor of this node as natively as a handler's own answer, lest one overtakes the other.
  def perform("reply", [_source, {pid, tag}, ok?, %Packed{payload: payload}], asker)
      when is_pid(pid) do
    status = if ok?, do: :ok, else: :error

    case StateMachine.Step.caller({pid, tag}) do
      nil ->
        {:error, "ValueError",
         "this source came with no call or cast: there is nothing to reply to"}

      {sender, subject} when is_binary(subject) ->
        Post.cast(sender, subject, payload, Asker.process(asker), status)
        {:ok, nil}

      {_, tag} = from ->
        Native.actor_reply(tag, status, payload) || Post.reply(from, status, payload)
        {:ok, nil}
    end
  end

  # In the order of what its process sends besides.
  defp sent_here(found, value), do: {:here, fn -> sent(found, value) end}

  defp sent({:ok, pid}, value), do: {:ok, Courier.deliver(pid, value) == :ok}
  defp sent({:error, text}, _value), do: {:error, "ValueError", text}
  defp sent(_nobody, _value), do: {:ok, false}

  defp unpack(packed) do
    with {:error, text} <- Codec.unpack(packed), do: {:error, "ValueError", text}
  end
end
