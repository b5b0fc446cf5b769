defmodule Rebeam.Message.Post do
  @moduledoc false
  # Messages of actors as they leave a process for another one, on whatever node: large parts are
  # lent where they can be, and nobody waits (Rebeam.Nodes.Courier). Who gets them begins with
  # `Rebeam.Message.Loans.take/1`.

  alias Rebeam.Message.Loans
  alias Rebeam.Native
  alias Rebeam.Nodes.Courier
  alias Rebeam.Value.Codec

  @type payload :: Codec.payload()

  @spec call(pid, GenServer.from(), String.t(), payload) :: :ok
  def call(pid, from, subject, payload),
    do: Courier.deliver(pid, {:"$gen_call", from, {:rebeam, subject, Loans.lend(payload, pid)}})

  @doc "With a status it answers a cast of theirs, and the sender is who answers."
  @spec cast(pid | {atom, node}, String.t(), payload, pid | nil, :ok | :error | nil) :: :ok
  def cast(to, subject, payload, sender, status),
    do: send_cast(to, subject, Loans.lend(payload, to), sender, status)

  @doc "What Python's code casts: to actors of this node it goes as a cast of theirs does."
  @spec cast_all([pid], String.t(), payload) :: :ok
  def cast_all(pids, subject, payload) do
    {here, there} = Enum.split_with(pids, &(node(&1) == node()))

    cast_here(here, subject, payload)

    for {pid, payload} <- Loans.lend_all(payload, there),
        do: send_cast(pid, subject, payload, nil, nil)

    :ok
  end

  defp cast_here([], _subject, _payload), do: :ok

  defp cast_here(pids, subject, payload) do
    {missed, rest} = Native.actor_cast(pids, subject, payload)
    # A full mailbox's owner tells of it.
    for pid <- missed, do: send_cast(pid, subject, payload, nil, nil)
    cast_here(rest, subject, payload)
  end

  defp send_cast(to, subject, payload, sender, status),
    do: Courier.deliver(to, {:"$gen_cast", {:rebeam, subject, payload, sender, status}})

  @doc "Asks the target to stop its work on the call of `from`. One that is no actor logs it."
  @spec interrupt(pid, GenServer.from()) :: :ok
  def interrupt(pid, from), do: Courier.deliver(pid, {:"$rebeam", :interrupt, from})

  @spec reply(GenServer.from(), atom, payload) :: :ok
  def reply(from, status, payload), do: answer(from, {status, Loans.lend(payload, from)})

  # As :gen.reply/2 does it.
  defp answer({_pid, [:alias | alias] = tag}, answer) when is_reference(alias),
    do: Courier.deliver(alias, {tag, answer})

  defp answer({_pid, [[:alias | alias] | _] = tag}, answer) when is_reference(alias),
    do: Courier.deliver(alias, {tag, answer})

  defp answer({pid, tag}, answer) when is_pid(pid), do: Courier.deliver(pid, {tag, answer})
  defp answer(_nobody, _answer), do: :ok
end
