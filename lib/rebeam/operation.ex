defmodule Rebeam.Operation do
  @moduledoc false
  # The operations that Python asks for by name: one clause of `perform/3` each.
  # They run in the process of the actor that asks (or of the client for a thread
  # without one), so `self()` is the actor. Arguments and results are plain terms.
  #
  # To add one: a clause here, and a function in python/rebeam/_operations.py.

  alias Rebeam.{Names, Trees, Value}

  @doc "The result, or the name and text of the Python exception to raise."
  @spec run(String.t(), binary, [reference]) :: {:ok, term} | {:error, String.t(), String.t()}
  def run(name, packed, handles) do
    with {:ok, arguments} <- unpack(packed), do: perform(name, Tuple.to_list(arguments), handles)
  rescue
    error -> {:error, "RuntimeError", "#{name}: #{Exception.message(error)}"}
  catch
    :exit, reason -> {:error, "RuntimeError", "#{name}: #{Exception.format_exit(reason)}"}
  end

  defp unpack(packed) do
    with {:error, text} <- Value.unpack(packed), do: {:error, "ValueError", text}
  end

  defp perform("register", [name], _) do
    case Names.register(name) do
      :ok ->
        {:ok, nil}

      {:error, {:already_registered, pid}} ->
        {:error, "ValueError", "the name #{inspect(name)} is taken by #{inspect(pid)}"}
    end
  end

  defp perform("unregister", [name], _) do
    Names.unregister(name)
    {:ok, nil}
  end

  defp perform("whereis", [name], _), do: {:ok, Names.whereis(name)}
  defp perform("registered", [], _), do: {:ok, Enum.sort(Names.registered())}
  defp perform("self_pid", [], _), do: {:ok, self()}

  defp perform("send", [target, value], _) do
    case Names.resolve(target) do
      {:ok, pid} -> {:ok, send(pid, value) == value}
      :none -> {:ok, false}
      {:error, text} -> {:error, "ValueError", text}
    end
  end

  defp perform("start_process", [child], handles) do
    case Trees.start_child(child, handles) do
      {:ok, pid} -> {:ok, pid}
      {:error, reason} -> {:error, "RuntimeError", Trees.start_error(reason)}
    end
  end

  # For tests: what idle processes hold as garbage still counts as live handles.
  defp perform("collect", [], _) do
    Enum.each(Process.list(), &:erlang.garbage_collect/1)
    {:ok, nil}
  end

  defp perform("info", [], _) do
    {:ok, Map.new(Rebeam.info(), fn {key, value} -> {Atom.to_string(key), value} end)}
  end

  defp perform(name, arguments, _) do
    {:error, "RuntimeError", "no operation #{name}/#{length(arguments)}"}
  end
end
