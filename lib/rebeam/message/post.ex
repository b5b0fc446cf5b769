defmodule Rebeam.Message.Post do
  @moduledoc false
  # Messages of actors as they leave a process for another one, on whatever node: large parts are
  # lent where they can be. Who gets them begins with `Rebeam.Message.Loans.take/1`.
  #
  # A node that takes nothing, or not fast enough, stops nobody who sends: what is for it then,
  # another process sends.

  alias Rebeam.Nodes
  alias Rebeam.Message.Loans
  alias Rebeam.Value.Codec

  @type payload :: Codec.payload()

  @spec call(pid, GenServer.from(), String.t(), payload) :: term
  def call(pid, from, subject, payload),
    do: deliver(pid, {:"$gen_call", from, {:rebeam, subject, Loans.lend(payload, pid)}})

  @doc "With a status it answers a cast of theirs, and the sender is who answers."
  @spec cast(GenServer.server(), String.t(), payload, pid | nil, :ok | :error | nil) :: :ok
  def cast(server, subject, payload, sender, status) do
    message = {:rebeam, subject, Loans.lend(payload, server), sender, status}

    if is_pid(server),
      do: deliver(server, {:"$gen_cast", message}),
      else: GenServer.cast(server, message)
  end

  @spec cast_all([pid], String.t(), payload) :: :ok
  def cast_all(pids, subject, payload) do
    for {pid, payload} <- Loans.lend_all(payload, pids),
        do: GenServer.cast(pid, {:rebeam, subject, payload, nil, nil})

    :ok
  end

  @doc "Asks the target to stop its work on the call of `from`. One that is no actor logs it."
  @spec interrupt(pid, GenServer.from()) :: term
  def interrupt(pid, from), do: deliver(pid, {:"$rebeam", :interrupt, from})

  @spec reply(GenServer.from(), atom, payload) :: :ok
  def reply({pid, _tag} = from, status, payload) do
    answer = {status, Loans.lend(payload, from)}

    if Nodes.busy?(node(pid)),
      do: spawn(fn -> GenServer.reply(from, answer) end) && :ok,
      else: GenServer.reply(from, answer)
  end

  @doc "Sends a message, in whatever way its node takes it."
  @spec deliver(pid, term) :: :ok
  def deliver(pid, message) do
    if :erlang.send(pid, message, [:nosuspend]) == :nosuspend,
      do: spawn(fn -> send(pid, message) end)

    :ok
  end
end
