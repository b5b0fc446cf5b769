defmodule Rebeam.Topics.Delivery do
  @moduledoc false
  # What is published goes to each subscriber of this node by the process that publishes, and once to
  # the server of each other node that has some. Nobody waits for a node (`Rebeam.Nodes.Courier`).

  alias Rebeam.{Log, Native}
  alias Rebeam.Message.Loans
  alias Rebeam.Nodes.Courier
  alias Rebeam.Topics.{Server, Table}
  alias Rebeam.Value.Codec

  defguardp is_here(subscription) when is_atom(elem(subscription, 1))

  @typedoc "To all nodes, or to this program's: its main one and its units."
  @type scope :: :all | :program

  @doc """
  Publishes what this node knows subscribers of. Their number: of those here who got it, and of
  those elsewhere who are known.
  """
  @spec publish(String.t(), Codec.payload(), scope) :: non_neg_integer
  def publish(topic, payload, scope) do
    {here, away} = topic |> Table.matching() |> Enum.split_with(&is_here/1)
    away = for {_, {kind, _}, _, _, _} = each <- away, kind == :unit or scope == :all, do: each
    forward(away, topic, payload)
    deliver(here, topic, payload) + length(away)
  end

  # ---- to other nodes --------------------------------------------------------------------------

  defp forward([], _topic, _payload), do: :ok

  defp forward(away, topic, payload) do
    servers = for {_, {_, server}, _, _, _} <- away, uniq: true, do: server

    for {server, payload} <- Loans.lend_all(payload, servers),
        do: Courier.deliver(server, {:deliver, topic, payload})
  end

  # ---- to processes of this node ----------------------------------------------------------------

  defp deliver(here, topic, payload) do
    cast = {:"$gen_cast", {:rebeam, topic, payload, nil, nil}}
    messages = %{payload: payload, cast: cast, plain: plain(here, topic, payload)}
    Enum.count(here, &delivered?(&1, topic, messages))
  end

  # What Elixir's own processes get is made once for all of them.
  defp plain(here, topic, payload) do
    with true <- Enum.any?(here, &(elem(&1, 1) == :plain)),
         {:ok, message} <- Codec.unpack_message(payload) do
      {Rebeam.Topics, topic, message}
    else
      false -> nil
      {:error, text} -> Log.refused("Elixir subscribers", topic, text) && nil
    end
  end

  defp delivered?({{_, pid}, route, max_queue, _, _}, topic, messages) do
    case send_by(route, pid, max_queue, topic, messages) do
      :overloaded -> full(topic, pid)
      sent? -> sent?
    end
  end

  defp send_by(:actor, pid, max_queue, topic, %{payload: payload}),
    do: Native.mailbox_publish(pid, topic, payload, max_queue)

  defp send_by(:plain, _pid, _max_queue, _topic, %{plain: nil}), do: false

  defp send_by(route, pid, max_queue, _topic, messages) do
    with true <- room(pid, max_queue) do
      send(pid, Map.fetch!(messages, route))
      true
    end
  end

  defp room(_pid, nil), do: true

  defp room(pid, max_queue) do
    case Process.info(pid, :message_queue_len) do
      {:message_queue_len, waiting} -> if waiting < max_queue, do: true, else: :overloaded
      nil -> false
    end
  end

  # False: it got nothing.
  defp full(topic, pid) do
    for {{pattern, ^pid}, _, _, when_full, _} <- Table.matching(topic, pid),
        do: full(when_full, pattern, pid)

    false
  end

  defp full(:drop, pattern, pid), do: Table.dropped(pattern, pid)

  defp full(:stop, pattern, pid),
    do: if(Table.stop(pattern, pid), do: send(Server, {:stopped, pattern, pid}))
end
