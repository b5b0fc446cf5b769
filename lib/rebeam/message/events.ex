defmodule Rebeam.Message.Events do
  @moduledoc false
  # Messages to an actor that Python gets as objects of their own (python/rebeam/_events.py), but for
  # what OTP itself sends to any process.

  alias Rebeam.Message.Groups

  @typedoc "What Python calls it, and its fields."
  @type event :: {kind :: String.t(), fields :: tuple}

  @doc "What a subscriber is told whose subscription was ended."
  @spec unsubscribed(String.t()) :: tuple
  def unsubscribed(topic), do: {:rebeam_unsubscribed, topic}

  @doc "What an heir is told that owns a table now, instead of that process."
  @spec table(String.t(), pid) :: tuple
  def table(name, before), do: {:rebeam_table, name, before}

  @doc "The events that a message to the calling process is; none: it is a plain one."
  @spec of(term) :: [event]
  def of({:rebeam_unsubscribed, topic}) when is_binary(topic), do: [{"unsubscribed", {topic}}]

  def of({:rebeam_table, name, before}) when is_binary(name) and is_pid(before),
    do: [{"table", {name, before}}]

  def of({:rebeam_node, :up, node, nil}) when is_binary(node), do: [{"node_up", {node}}]

  def of({:rebeam_node, :down, node, reason}) when is_binary(node) and is_binary(reason),
    do: [{"node_down", {node, reason}}]

  def of({monitor, change, group, pids})
      when is_reference(monitor) and change in [:join, :leave] and is_list(pids),
      do: Groups.changes(monitor, change, group, pids)

  def of(_message), do: []
end
