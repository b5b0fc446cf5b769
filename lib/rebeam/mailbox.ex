defmodule Rebeam.Mailbox do
  @moduledoc false
  # Bounded mailboxes, as Elixir sees them (c_src/mailbox.h). Casts from this node see the
  # bound when they are sent. Calls see it when they arrive: who waits for the answer does
  # not fill a mailbox meanwhile.

  alias Rebeam.{Log, Native, Value}

  # At most one entry in so many milliseconds for the casts that an actor refuses.
  @log_period 5_000

  @doc "Sends a cast. False if there is no such local process, or no place in its mailbox."
  @spec cast(GenServer.server(), String.t(), binary, term) :: boolean
  def cast(server, subject, payload, sender) do
    case GenServer.whereis(server) do
      nil ->
        false

      pid when is_pid(pid) and node(pid) == node() ->
        Native.mailbox_cast(pid, subject, payload, sender, nil)

      remote ->
        GenServer.cast(remote, {:rebeam, subject, payload, sender, nil})
        true
    end
  end

  @doc "The calling actor cannot take a message: the caller is told, or the loss logged."
  @spec refuse(:call | :cast, GenServer.from() | term, String.t()) :: :ok
  def refuse(:call, from, _label) do
    {:ok, payload} = Value.pack("overloaded")
    GenServer.reply(from, {:error, payload})
  end

  def refuse(:cast, _sender, label) do
    now = System.monotonic_time(:millisecond)
    {next, count} = Process.get(__MODULE__, {now, 0})

    if now >= next do
      Log.overloaded(label, count + 1)
      Process.put(__MODULE__, {now + @log_period, 0})
    else
      Process.put(__MODULE__, {next, count + 1})
    end

    :ok
  end
end
