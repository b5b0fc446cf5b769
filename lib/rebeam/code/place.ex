defmodule Rebeam.Code.Place do
  @moduledoc false
  # One interpreter in which a module is loaded again: the process on its node that stands for it,
  # and has a Python actor do it there (python/rebeam/_reload/server.py). Both end when whoever
  # started them does.
  use GenServer

  alias Rebeam.{Actor, Bytes, Nodes}
  alias Rebeam.Log.Crashes
  alias Rebeam.Python.Runtime
  alias Rebeam.Units.{Interpreter, Logs}
  alias Rebeam.Value.Codec

  @typedoc "Where: the main interpreter of a node, or a unit of it."
  @type at :: {node, :main | {:interpreter, pid}}
  @type answer :: {:ok, term} | {:error, String.t()} | :gone

  # How long a place may take, in milliseconds: the body of a module may wait for something.
  @timeout 60_000
  @actor {"rebeam._reload.server", "Server"}

  # ---- for the coordinator -------------------------------------------------------------------

  @doc "Processes at those places; and of the nodes that do not answer, that they do not."
  @spec start_all([at]) :: {[pid], [String.t()]}
  def start_all(places) do
    coordinator = self()
    started = in_parallel(places, fn place -> start(place, coordinator) end)
    {for({_, {:ok, pid}} <- started, do: pid), for({_, {:error, text}} <- started, do: text)}
  end

  defp start({node, where}, coordinator) do
    with {:error, reason} <-
           Nodes.ask(node, GenServer, :start, arguments(where, coordinator), @timeout),
         do: {:error, if(is_binary(reason), do: reason, else: inspect(reason))}
  catch
    :error, {:erpc, :timeout} -> {:error, "the node #{node} does not answer"}
    :error, {:erpc, _} -> :gone
    kind, reason -> {:error, Exception.format_banner(kind, reason)}
  end

  defp arguments(where, coordinator), do: [__MODULE__, {where, coordinator}, []]

  @doc "What the actors there answer, all asked at once."
  @spec ask_all([pid], String.t(), term) :: [{pid, answer}]
  def ask_all(places, subject, message \\ nil),
    do: in_parallel(places, &ask(&1, subject, message))

  @spec ask(pid, String.t(), term) :: answer
  def ask(place, subject, message \\ nil) do
    GenServer.call(place, {subject, message}, @timeout)
  catch
    :exit, {:timeout, _} -> {:error, "the node #{node(place)} does not answer"}
    :exit, _ -> :gone
  end

  defp in_parallel(items, fun) do
    tasks = Enum.map(items, &Task.async(fn -> {&1, fun.(&1)} end))
    Task.await_many(tasks, :infinity)
  end

  @doc """
  Crashes of its program with that file in their tracebacks are told to the coordinator from now on,
  by the place that is the main interpreter of the program.
  """
  @spec watch(pid, Path.t()) :: :ok
  def watch(place, path), do: GenServer.cast(place, {:watch, ~s(File "#{path}")})

  @spec stop(pid) :: :ok
  def stop(place), do: GenServer.cast(place, :stop)

  # ---- the process ----------------------------------------------------------------------------

  @impl true
  def init({where, coordinator}) do
    Process.flag(:trap_exit, true)
    Process.put(:"$process_label", "code")
    unless Nodes.main?(), do: Logs.stay()
    Process.monitor(coordinator)

    with {:ok, maker} <- maker(where),
         {:ok, actor} <- Actor.start_link({maker, request()}, kind: :actor, label: "code") do
      main? = Nodes.main?() and where == :main
      {:ok, %{actor: actor, coordinator: coordinator, mark: nil, main?: main?}}
    else
      {:error, reason} -> {:stop, reason}
    end
  end

  defp maker(:main), do: {:ok, Runtime.maker()}
  defp maker({:interpreter, unit}), do: Interpreter.await(unit)

  # As python/rebeam/_isolation.py makes it.
  defp request do
    actor = Codec.pack!({"actor", @actor, {{}, %{}}})
    Codec.pack!({"portable", %Bytes{data: actor}, nil})
  end

  @impl true
  def handle_call({subject, message}, _from, state) do
    {:ok, payload} = Codec.payload(message)
    {status, payload} = GenServer.call(state.actor, {:rebeam, subject, payload}, @timeout)
    {:reply, answer(status, Codec.unpack_message(payload)), state}
  catch
    :exit, {:timeout, _} -> {:stop, :normal, {:error, "the module's code does not end"}, state}
    :exit, reason -> {:stop, :normal, {:error, "it failed: " <> inspect(reason)}, state}
  end

  defp answer(:ok, {:ok, term}), do: {:ok, term}
  defp answer(_error, {:ok, text}), do: {:error, to_string(text)}
  defp answer(_status, {:error, text}), do: {:error, text}

  @impl true
  def handle_cast({:watch, mark}, state) do
    if state.main?, do: Crashes.watch()
    {:noreply, %{state | mark: mark}}
  end

  def handle_cast(:stop, state), do: {:stop, :normal, state}

  @impl true
  def handle_info({Crashes, crash}, state) do
    if String.contains?(crash.traceback, state.mark),
      do: send(state.coordinator, {__MODULE__, :crashed})

    {:noreply, state}
  end

  def handle_info({:DOWN, _, :process, _, _}, state), do: {:stop, :normal, state}
  def handle_info({:EXIT, actor, _}, %{actor: actor} = state), do: {:stop, :normal, state}
  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, %{actor: actor}), do: Process.exit(actor, :shutdown)
end
