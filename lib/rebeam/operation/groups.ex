defmodule Rebeam.Operation.Groups do
  @moduledoc false
  # Process groups: python/rebeam/_groups.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Packed
  alias Rebeam.Actor.Clients
  alias Rebeam.Message.Groups

  @impl true
  def perform(verb, [group], _) when verb in ["join", "leave"] do
    cond do
      Clients.here?() ->
        {:error, "RuntimeError", "#{verb}() is for actors: a thread is no process"}

      verb == "join" ->
        {:ok, join(group)}

      true ->
        {:ok, Groups.leave(group)}
    end
  end

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
end
