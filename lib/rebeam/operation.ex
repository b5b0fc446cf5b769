defmodule Rebeam.Operation do
  @moduledoc false
  # The operations that Python asks for by name, "topic.verb". Each topic is a module that
  # has one clause of `perform/3` for each verb.
  #
  # They run in the process of the actor that asks (or of the client for a thread without
  # one), so `self()` is the actor. Arguments and results are plain terms. An operation that
  # may wait for others answers `{:later, fun}`: `fun` runs in a process of its own, so that
  # the actor's own stays free; its result is the operation's.
  #
  # To add one: a clause in its topic's module, and a function in the Python module of the
  # same name (python/rebeam/_<topic>.py).

  alias Rebeam.Value.Codec

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

  @type result ::
          {:ok, term} | {:error, exception :: String.t(), String.t()} | {:later, (() -> result)}

  @callback perform(verb :: String.t(), arguments :: [term], handles :: [reference]) :: result

  @doc "The result, or the name and text of the Python exception to raise, or what to run for it."
  @spec run(String.t(), binary, [reference]) :: result
  def run(name, packed, handles) do
    [topic, verb] = String.split(name, ".", parts: 2)

    with {:ok, arguments} <- unpack(packed) do
      guard(name, fn -> @topics[topic].perform(verb, Tuple.to_list(arguments), handles) end)
    end
  end

  @doc "Runs what an operation left for later, to its end."
  @spec finish(String.t(), (() -> result)) :: {:ok, term} | {:error, String.t(), String.t()}
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
    with {:error, text} <- Codec.unpack(packed), do: {:error, "ValueError", text}
  end
end
