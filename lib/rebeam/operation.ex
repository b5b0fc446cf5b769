defmodule Rebeam.Operation do
  @moduledoc false
  # The operations that Python asks for by name, "topic.verb". Each topic is a module that
  # has one clause of `perform/3` for each verb.
  #
  # They run in the process of the actor that asks (or of the client for a thread without
  # one), so `self()` is the actor, and `asker` tells what it is. Arguments and results are plain
  # terms. An operation that may wait for others answers `{:later, fun}`: `fun` runs in a process
  # of its own, so that the actor's own stays free; its result is the operation's. One that changes
  # what exit signals do to the actor answers with that, too.
  #
  # To add one: a clause in its topic's module, and a function in the Python module of the
  # same name (python/rebeam/_<topic>.py). Nothing else has to know of it.
  @behaviour Rebeam.Actor.Wait

  alias Rebeam.Actor.Wait
  alias Rebeam.Operation.Asker
  alias Rebeam.Value

  @topics %{
    "children" => Rebeam.Operation.Children,
    "groups" => Rebeam.Operation.Groups,
    "messages" => Rebeam.Operation.Messages,
    "names" => Rebeam.Operation.Names,
    "processes" => Rebeam.Operation.Processes,
    "runtime" => Rebeam.Operation.Runtime,
    "tasks" => Rebeam.Operation.Tasks,
    "units" => Rebeam.Operation.Units,
    "timers" => Rebeam.Operation.Timers
  }

  @callback perform(verb :: String.t(), arguments :: [term], Asker.t()) :: Wait.result()

  @impl true
  def run(name, packed, handles, owner) do
    [topic, verb] = String.split(name, ".", parts: 2)
    asker = Asker.new(owner, handles)

    with {:ok, arguments} <- unpack(packed) do
      guard(name, fn -> @topics[topic].perform(verb, Tuple.to_list(arguments), asker) end)
    end
  end

  @impl true
  def finish(name, fun) do
    case guard(name, fun) do
      {:later, more} -> finish(name, more)
      result -> result
    end
  end

  defp guard(name, fun) do
    fun.()
  rescue
    error -> {:error, "RuntimeError", "#{name}: #{Exception.message(error)}"}
  catch
    :exit, reason -> {:error, "RuntimeError", "#{name}: #{Exception.format_exit(reason)}"}
    :throw, value -> {:error, "RuntimeError", "#{name}: thrown #{inspect(value)}"}
  end

  defp unpack(packed) do
    with {:error, text} <- Value.unpack(packed), do: {:error, "ValueError", text}
  end
end
