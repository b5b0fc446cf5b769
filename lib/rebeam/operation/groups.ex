defmodule Rebeam.Operation.Groups do
  @moduledoc false
  # Process groups: python/rebeam/_groups.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Message.Groups
  alias Rebeam.Packed

  @impl true
  def perform("join", _, %{kind: :thread}), do: nobody("join")
  def perform("join", [group], _), do: {:ok, join(group)}
  def perform("leave", _, %{kind: :thread}), do: nobody("leave")
  def perform("leave", [group], _), do: {:ok, Groups.leave(group)}
  def perform("members", [group], _), do: {:ok, Groups.members(group, :all)}
  def perform("local_members", [group], _), do: {:ok, Groups.members(group, :local)}

  # Sending to other nodes may wait for them.
  def perform("broadcast", [group, subject, %Packed{payload: payload}], _) do
    {:later, fn -> {:ok, Groups.broadcast(group, subject, payload)} end}
  end

  defp join(group) do
    :ok = Groups.join(group)
    nil
  end

  defp nobody(verb),
    do: {:error, "RuntimeError", "#{verb}() is for actors: a thread is no process"}
end
