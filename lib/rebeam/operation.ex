defmodule Rebeam.Operation do
  @moduledoc false
  # The operations that Python asks for by name, "topic.verb". Each topic is a module that
  # has one clause of `perform/3` for each verb.
  #
  # They run in the process of the actor that asks (or of the client for a thread without
  # one), so `self()` is the actor, and `asker` tells what it is. Arguments and results are plain
  # terms. An operation that may wait for others answers `{:later, fun}`: `fun` runs in a process
  # of its own, so that the actor's own stays free; its result is the operation's, or `{:here, fun}`
  # for what is then to be done in the actor's own process. One that does nothing but wait answers
  # `{:wait, fun}`: that process ends once nobody waits. One that changes what exit signals do to
  # the actor answers with that, too.
  #
  # To add one: a clause in its topic's module (a new topic: a module, and its line in dispatch.ex),
  # and a function in the Python module of the same name (python/rebeam/_<topic>.py), which
  # `rebeam` itself imports if it is public. Nothing else has to know of it.

  alias Rebeam.Actor.Wait
  alias Rebeam.Operation.Asker

  @callback perform(verb :: String.t(), arguments :: [term], Asker.t()) :: Wait.result()

  @doc "What `fun` returns, which makes a result; what it raises is Python's to raise."
  @spec guard(String.t(), (... -> Wait.result())) :: Wait.result()
  def guard(name, fun) do
    fun.()
  rescue
    error in FunctionClauseError -> {:error, "RuntimeError", "#{name}: #{unmatched(error)}"}
    error -> {:error, "RuntimeError", "#{name}: #{Exception.message(error)}"}
  catch
    :exit, reason -> {:error, "RuntimeError", "#{name}: #{Exception.format_exit(reason)}"}
    :throw, value -> {:error, "RuntimeError", "#{name}: thrown #{inspect(value)}"}
  end

  defp guarded(name, fun) do
    with {how, more} when how in [:later, :wait] <- guard(name, fun),
         do: {how, fn -> finish(name, more) end}
  end

  # Elixir's text would not tell an unknown verb from arguments that fit none of its clauses.
  defp unmatched(%{function: :perform, arity: 3, module: module}),
    do: "#{inspect(module)} has no such verb, or not with these arguments"

  defp unmatched(error), do: Exception.message(error)

  @doc "The same to its end, with all that is left for later."
  @spec finish(String.t(), (... -> Wait.result())) ::
          {:ok, term} | {:error, String.t(), String.t()} | {:here, (... -> Wait.result())}
  def finish(name, fun) do
    case guard(name, fun) do
      {how, more} when how in [:later, :wait] -> finish(name, more)
      {:here, rest} -> {:here, fn -> guarded(name, rest) end}
      result -> result
    end
  end
end
