defmodule Rebeam.Operation.Dispatch do
  @moduledoc false
  # Finds an operation by its name, and performs it for what waits (`Rebeam.Actor.Wait`). A new
  # topic is a module, and its line here.
  @behaviour Rebeam.Actor.Wait

  alias Rebeam.Operation
  alias Rebeam.Operation.Asker
  alias Rebeam.Value.Codec

  @topics %{
    "children" => Operation.Children,
    "code" => Operation.Code,
    "counters" => Operation.Counters,
    "groups" => Operation.Groups,
    "messages" => Operation.Messages,
    "moves" => Operation.Moves,
    "names" => Operation.Names,
    "nodes" => Operation.Nodes,
    "observe" => Operation.Observe,
    "processes" => Operation.Processes,
    "registry" => Operation.Registry,
    "runtime" => Operation.Runtime,
    "subscriptions" => Operation.Subscriptions,
    "tables" => Operation.Tables,
    "tasks" => Operation.Tasks,
    "testing" => Operation.Testing,
    "units" => Operation.Units,
    "timers" => Operation.Timers
  }

  @impl true
  def perform(name, packed, handles, owner) do
    asker = Asker.new(owner, handles)

    with {:ok, arguments} <- unpack(packed),
         {:ok, topic, verb} <- find(name),
         {how, fun} when how in [:later, :wait] <-
           Operation.guard(name, fn -> topic.perform(verb, arguments, asker) end),
         do: {how, fn -> Operation.finish(name, fun) end}
  end

  defp find(name) do
    with [topic, verb] <- String.split(name, ".", parts: 2),
         {:ok, module} <- Map.fetch(@topics, topic) do
      {:ok, module, verb}
    else
      _ ->
        known = @topics |> Map.keys() |> Enum.join(", ")
        {:error, "ValueError", ~s(#{inspect(name)} is no "topic.verb": the topics are #{known})}
    end
  end

  defp unpack(packed) do
    case Codec.unpack(packed) do
      {:ok, arguments} -> {:ok, Tuple.to_list(arguments)}
      {:error, text} -> {:error, "ValueError", text}
    end
  end
end
