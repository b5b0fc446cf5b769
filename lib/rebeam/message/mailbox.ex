defmodule Rebeam.Message.Mailbox do
  @moduledoc false
  # Bounded mailboxes, as Elixir sees them (c_src/message/mailbox.h). Casts from this node see the
  # bound when they are sent. Calls see it when they arrive: who waits for the answer does
  # not fill a mailbox meanwhile.

  alias Rebeam.{Log, Native}
  alias Rebeam.Message.Post
  alias Rebeam.Value.Codec

  # At most one entry in so many milliseconds for the casts that an actor refuses.
  @log_period 1_000

  @doc "Sends a cast. False if there is no such local process, or no place in its mailbox."
  @spec cast(GenServer.server(), String.t(), binary, term) :: boolean
  def cast(server, subject, payload, sender) do
    case GenServer.whereis(server) do
      nil ->
        false

      pid when is_pid(pid) and node(pid) == node() ->
        Native.mailbox_cast(pid, subject, payload, sender, nil)

      remote ->
        Post.cast(remote, subject, payload, sender, nil)
        true
    end
  end

  @doc "The calling actor cannot take a message: the caller is told, or the loss logged."
  @spec refuse(:call | :cast, GenServer.from() | term, String.t()) :: :ok
  def refuse(:call, from, _label) do
    {:ok, payload} = Codec.pack("overloaded")
    Post.reply(from, :error, payload)
  end

  # The first one is logged at once, the others together.
  def refuse(:cast, _sender, label) do
    case Process.get(__MODULE__) do
      nil -> log(label, 1)
      count -> Process.put(__MODULE__, count + 1)
    end

    :ok
  end

  @doc "The calling actor got the message that `refuse` had sent later: what was lost since?"
  @spec report(String.t()) :: :ok
  def report(label) do
    case Process.delete(__MODULE__) do
      0 -> :ok
      count -> log(label, count)
    end
  end

  defp log(label, count) do
    Log.overloaded(label, count)
    Process.put(__MODULE__, 0)
    Process.send_after(self(), {__MODULE__, :overloaded}, @log_period)
    :ok
  end
end
