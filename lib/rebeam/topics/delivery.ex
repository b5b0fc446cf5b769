defmodule Rebeam.Topics.Delivery do
  @moduledoc false
  # What is published goes to each subscriber of this node by the process that publishes, and once to
  # the server of each other node that has some. Nobody waits for a node (`Rebeam.Nodes.Courier`).

  alias Rebeam.{Log, Native}
  alias Rebeam.Message.Loans
  alias Rebeam.Nodes.Courier
  alias Rebeam.Topics.Table
  alias Rebeam.Value.Codec

  @typedoc "To all nodes, or to this program's: its main one and its units."
  @type scope :: :all | :program

  @doc """
  Publishes to the subscribers that this node knows. Their number: of those here who got it, and of
  those elsewhere.
  """
  @spec publish(String.t(), Codec.payload(), scope) :: non_neg_integer
  def publish(topic, payload, scope) do
    cast = {:"$gen_cast", {:rebeam, topic, payload, nil, nil}}
    message = %{topic: topic, payload: payload, cast: cast, scope: scope}

    # `servers`: of other nodes that have some; `plain`: as Elixir's own processes get it, once needed
    sent = {0, %{}, nil}

    {count, servers, _} =
      topic |> Table.matching() |> Enum.reduce(sent, &send_by(&1, &2, message))

    forward(Map.keys(servers), message)
    count
  end

  defp send_by({pid, :cast, nil}, {count, servers, plain}, message) do
    sent? = Native.mailbox_publish(pid, message.topic, message.payload, nil) == true
    {if(sent?, do: count + 1, else: count), servers, plain}
  end

  defp send_by({_, {kind, server}, _}, {count, servers, plain}, message)
       when kind == :unit or message.scope == :all,
       do: {count + 1, Map.put(servers, server, true), plain}

  defp send_by({_, {:node, _}, _}, sent, _message), do: sent

  defp send_by({pid, route, max_queue}, {count, servers, plain}, message) do
    plain = if route == :plain, do: plain || plain(message), else: plain

    case send_to(pid, route, max_queue, plain, message) do
      true ->
        {count + 1, servers, plain}

      false ->
        {count, servers, plain}

      :overloaded ->
        full(message.topic, pid)
        {count, servers, plain}
    end
  end

  # Nil for what Elixir has no form for.
  defp plain(%{topic: topic, payload: payload}) do
    case Codec.unpack_message(payload) do
      {:ok, message} -> {:rebeam_topic, topic, message}
      {:error, text} -> Log.refused("Elixir subscribers", topic, text) && :none
    end
  end

  defp forward([], _message), do: :ok

  defp forward(servers, %{topic: topic, payload: payload}) do
    for {server, payload} <- Loans.lend_all(payload, servers),
        do: Courier.deliver(server, {:deliver, topic, payload})
  end

  # ---- to a process of this node ----------------------------------------------------------------

  # False: it is gone.
  defp send_to(pid, :actor, max_queue, _plain, message),
    do: Native.mailbox_publish(pid, message.topic, message.payload, max_queue)

  defp send_to(_pid, :plain, _max_queue, :none, _message), do: false

  defp send_to(pid, route, max_queue, plain, message) do
    with true <- room(pid, max_queue) do
      send(pid, if(route == :plain, do: plain, else: message.cast))
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

  defp full(topic, pid) do
    for {{pattern, ^pid}, _, _, when_full, _} <- Table.matching(topic, pid),
        do: full(when_full, pattern, pid)
  end

  defp full(:drop, pattern, pid), do: Table.dropped(pattern, pid)

  defp full(:stop, pattern, pid),
    do: if(Table.stop(pattern, pid), do: send({Table.server(), node()}, {:stopped, pattern, pid}))
end
