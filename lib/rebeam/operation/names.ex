defmodule Rebeam.Operation.Names do
  @moduledoc false
  # Names: python/rebeam/_names.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Names
  alias Rebeam.Names.Global

  @impl true
  def perform(verb, _, %{kind: :thread}) when verb in ["register", "unregister", "fence"],
    do: {:error, "RuntimeError", "#{verb}() is for actors: a thread is no process"}

  def perform("register", [name, "cluster", split], asker) do
    {:later, fn -> name |> Global.register(asker.pid, split) |> registered(name) end}
  end

  def perform("register", [name, "local", _split], asker) do
    {:later,
     fn ->
       case Names.reserve(name, asker.pid) do
         :ok -> {:here, fn -> name |> Names.register_here() |> registered(name) end}
         taken -> registered(taken, name)
       end
     end}
  end

  def perform("unregister", [name, "cluster"], asker) do
    {:later, fn -> name |> Global.unregister(asker.pid) |> registered(name) end}
  end

  def perform("unregister", [name, "local"], asker) do
    {:later,
     fn ->
       with :ok <- Names.release(name, asker.pid),
            do: {:here, fn -> {:ok, Names.unregister_here(name) && nil} end},
            else: ({:error, :timeout} -> timeout())
     end}
  end

  # A child of which the cluster has one is called what the process above it holds.
  def perform("fence", [name], asker) do
    above = for pid <- Process.get(:"$ancestors", []), is_pid(pid), do: pid

    {:later,
     fn ->
       case Global.fences([asker.pid | above]) do
         {:error, :timeout} -> timeout()
         fences -> fence(fences, name)
       end
     end}
  end

  def perform("whereis", [name, scope], _) do
    case Names.find(in_scope(name, scope), :living) do
      {:ok, pid} -> {:ok, pid}
      {:ask, question} -> {:later, fn -> {:ok, asked(question)} end}
      :none -> {:ok, nil}
    end
  end

  def perform("registered", ["local"], _),
    do: {:later, fn -> {:ok, Enum.sort(Names.registered())} end}

  def perform("registered", ["cluster"], _) do
    {:later,
     fn ->
       with names when is_list(names) <- Global.registered(),
            do: {:ok, Enum.sort(names)},
            else: ({:error, :timeout} -> timeout())
     end}
  end

  defp in_scope(name, "local"), do: name
  defp in_scope(name, "cluster"), do: {"global", name, nil}

  defp asked(question) do
    case Names.ask(question) do
      {:ok, pid} -> pid
      _nobody -> nil
    end
  end

  defp fence(fences, nil) when map_size(fences) == 1, do: {:ok, fences |> Map.values() |> hd()}

  defp fence(fences, nil) when map_size(fences) > 1 do
    names = fences |> Map.keys() |> Enum.map_join(", ", &inspect/1)

    {:error, "ValueError",
     "this actor has several names in the cluster, of which one is meant: #{names}"}
  end

  defp fence(fences, name) do
    shown = if name, do: "the name #{inspect(name)}", else: "no name"

    with :error <- Map.fetch(fences, name),
         do:
           {:error, "LookupError", "this actor has #{if name, do: "not "}#{shown} in the cluster"}
  end

  defp registered(:ok, _name), do: {:ok, nil}

  defp registered({:error, :timeout}, _name), do: timeout()

  defp registered({:error, {:no_majority, count}}, name) do
    {:error, "RuntimeError",
     "no majority of the cluster is here to give the name #{inspect(name)}: #{count} nodes"}
  end

  defp registered({:error, {:already_registered, pid}}, name),
    do:
      {:error, "ValueError", "the name #{inspect(name)} is taken by #{:erlang.pid_to_list(pid)}"}

  defp timeout,
    do: {:error, "TimeoutError", "a node that has to know of the name does not answer"}
end
