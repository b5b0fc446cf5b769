defmodule Rebeam.Operation.Groups do
  @moduledoc false
  # Process groups: python/rebeam/_groups.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Message.Groups
  alias Rebeam.{Native, Packed}
  alias Rebeam.Value.Codec

  @impl true
  def perform("join", _, %{kind: :thread}), do: nobody("join")
  def perform("join", [group], _), do: {:ok, join(group)}
  def perform("leave", _, %{kind: :thread}), do: nobody("leave")
  def perform("leave", [group], _), do: {:ok, Groups.leave(group)}
  def perform("members", [group], _), do: {:ok, Groups.members(group, :all)}
  def perform("local_members", [group], _), do: {:ok, Groups.members(group, :local)}

  # Sending to other nodes may wait for them.
  def perform("broadcast", [group, subject, %Packed{payload: payload}], _) do
    case Groups.broadcast(group, subject, payload) do
      {true, cast} -> {:ok, cast.()}
      {false, cast} -> {:later, fn -> {:ok, cast.()} end}
    end
  end

  def perform("monitor", [group], %{kind: :actor}), do: {:ok, Groups.monitor(group)}

  def perform("demonitor", [monitor, flush], %{kind: :actor} = asker) do
    found = Groups.demonitor(monitor)
    if flush and found, do: flush(monitor, asker)
    {:ok, found}
  end

  def perform(verb, _, _) when verb in ["monitor", "demonitor"] do
    {:error, "RuntimeError",
     "#{verb}_group() is for actors: here is nobody whose @info would get what it tells"}
  end

  defp join(group) do
    :ok = Groups.join(group)
    nil
  end

  # What is on its way to the actor's handler.
  defp flush(monitor, asker) do
    for kind <- ["joined", "left"], do: withdraw(asker.native, kind, Codec.beginning(monitor))
  end

  defp withdraw(native, kind, prefix),
    do: Native.actor_withdraw(native, kind, prefix) && withdraw(native, kind, prefix)

  defp nobody(verb),
    do: {:error, "RuntimeError", "#{verb}() is for actors: a thread is no process"}
end
