defmodule Rebeam.Topics do
  @moduledoc ~S'''
  Topics that Python actors and Elixir processes publish to and subscribe to, over all connected
  nodes that run Re:BEAM.

      iex> Rebeam.Topics.subscribe("orders.*")
      :ok
      iex> Rebeam.Topics.publish("orders.new", %{"id" => 1})
      1
      iex> receive do
      ...>   {:rebeam_topic, topic, message} -> {topic, message}
      ...> end
      {"orders.new", %{"id" => 1}}
      iex> Rebeam.Topics.unsubscribe("orders.*")
      true

  A topic is words with dots between them. In a pattern that is subscribed to, `*` stands for one
  word, and `**` for any number of words, none too. Who matches by several patterns gets a message
  once. What one process publishes comes in its order.

  A `Rebeam.Server` gets a message as a cast whose subject is the topic; any other process gets
  `{:rebeam_topic, topic, message}`. Who ends is a subscriber no more.
  '''

  alias Rebeam.{Nodes, Options, Value}
  alias Rebeam.Topics.{Delivery, Pattern, Server}

  @doc """
  The calling process gets what is published to a topic, or to all that a pattern matches.

    * `:max_queue` - a message that finds so many messages in the process's mailbox is not sent to it;
      default: there is no bound
    * `:when_full` - what happens then: `:drop` (default), or `:stop`: the subscription ends, and the
      process gets `{:rebeam_unsubscribed, topic}`

  To subscribe again changes these.
  """
  @spec subscribe(String.t(), max_queue: pos_integer, when_full: :drop | :stop) :: :ok
  def subscribe(topic, options \\ []) do
    Options.check!(options, [:max_queue, :when_full])
    check!(topic, :pattern)
    max_queue = options[:max_queue]
    when_full = Keyword.get(options, :when_full, :drop)

    unless max_queue == nil or (is_integer(max_queue) and max_queue > 0),
      do: raise(ArgumentError, ":max_queue is a number of messages, not #{inspect(max_queue)}")

    unless when_full in [:drop, :stop],
      do: raise(ArgumentError, ":when_full is :drop or :stop, not #{inspect(when_full)}")

    # What comes has to be unpacked for it, wherever it was published.
    Value.load()
    Server.subscribe(topic, self(), {route(), max_queue, when_full})
  end

  defp route do
    with {module, :init, 1} <- Process.get(:"$initial_call"),
         true <- Enum.any?([4, 5], &function_exported?(module, :handle_receive, &1)),
         do: :cast,
         else: (_ -> :plain)
  end

  @doc "The calling process gets it no more. False if it has not subscribed to that."
  @spec unsubscribe(String.t()) :: boolean
  def unsubscribe(topic) do
    check!(topic, :pattern)
    Server.unsubscribe(topic, self())
  end

  @doc """
  Publishes a message; with `local: true` in this program only: on its main node and in its units. The
  number of subscribers that it goes to: for those on other nodes, as far as is known here.
  """
  @spec publish(String.t(), term, local: boolean) :: non_neg_integer
  def publish(topic, message, options \\ []) do
    Options.check!(options, [:local])
    check!(topic, :topic)
    scope = if options[:local], do: :program, else: :all
    payload = Value.payload!(message)

    if Nodes.main?(),
      do: Delivery.publish(topic, payload, scope),
      else: Server.publish(topic, payload, scope)
  end

  @doc "How many messages were dropped for the calling process, by what it has subscribed to."
  @spec dropped() :: %{String.t() => non_neg_integer}
  def dropped,
    do: for({{topic, _}, _, _, _, n} <- Server.subscriptions(self()), into: %{}, do: {topic, n})

  defp check!(topic, use) do
    unless is_binary(topic) and String.valid?(topic),
      do: raise(ArgumentError, "a topic is a string, not #{inspect(topic)}")

    with text when text != nil <- Pattern.fault(topic, use), do: raise(ArgumentError, text)
  end
end
