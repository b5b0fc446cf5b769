defmodule Rebeam.Operation.Subscriptions do
  @moduledoc false
  # Topics: python/rebeam/_subscriptions.py.
  @behaviour Rebeam.Operation

  alias Rebeam.{Native, Nodes, Packed}
  alias Rebeam.Topics.{Delivery, Pattern, Server}

  @when_full %{"drop" => :drop, "stop" => :stop}

  @impl true
  def perform(verb, _, %{kind: kind})
      when verb in ["subscribe", "unsubscribe", "dropped"] and kind != :actor do
    {:error, "RuntimeError", "#{verb}() is for actors: here is nobody who takes messages"}
  end

  def perform("subscribe", [topic, max_queue, when_full], asker) do
    checked(topic, :pattern, fn ->
      terms = {route(asker, max_queue != nil), max_queue, @when_full[when_full]}
      later(fn -> Server.subscribe(topic, asker.pid, terms) && nil end)
    end)
  end

  def perform("unsubscribe", [topic], asker),
    do: checked(topic, :pattern, fn -> later(fn -> Server.unsubscribe(topic, asker.pid) end) end)

  def perform("dropped", [], asker) do
    later(fn ->
      for {{topic, _}, _, _, _, n} <- Server.subscriptions(asker.pid), into: %{}, do: {topic, n}
    end)
  end

  # An actor publishes by its own process, which keeps the order; a unit's waits for each message to
  # be taken.
  def perform("publish", [topic, %Packed{payload: payload}, local?], asker) do
    checked(topic, :topic, fn ->
      scope = if local?, do: :program, else: :all

      if Nodes.main?() and asker.kind != :thread,
        do: {:ok, Delivery.publish(topic, payload, scope)},
        else: later(fn -> Server.publish(topic, payload, scope) end)
    end)
  end

  defp route(%{machine?: true}, _bound?), do: :cast

  defp route(asker, bound?),
    do: if(Native.actor_count(asker.native, bound?), do: :actor, else: :cast)

  defp checked(topic, use, fun) do
    case Pattern.fault(topic, use) do
      nil -> fun.()
      text -> {:error, "ValueError", text}
    end
  end

  defp later(fun), do: {:later, fn -> answered(fun) end}

  defp answered(fun) do
    {:ok, fun.()}
  catch
    :error, {:erpc, :timeout} ->
      {:error, "TimeoutError", "the main node, which knows who subscribes, does not answer"}
  end
end
