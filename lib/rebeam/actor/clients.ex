defmodule Rebeam.Actor.Clients do
  @moduledoc false
  # Acts for threads that run no actor: user threads, and code that CPython calls
  # back. Each wait gets a process of its own, so one cannot delay another.
  use GenServer

  alias Rebeam.{Native, Output}
  alias Rebeam.Actor.{Helper, Owner, Wait}
  alias Rebeam.Message.Payload

  # The processes that act, for who looks in.
  @table __MODULE__

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Tells the native part who acts. Call once the library is loaded."
  def attach, do: GenServer.call(__MODULE__, :attach)

  @doc "Before all, by who stays: processes that act outlive the one that spawns them."
  @spec install :: term
  def install do
    if :ets.whereis(@table) == :undefined,
      do: :ets.new(@table, [:named_table, :public, :set, write_concurrency: true])
  end

  @doc "The processes that act for a thread now."
  @spec pids :: [pid]
  def pids, do: for({pid} <- :ets.tab2list(@table), Process.alive?(pid), do: pid)

  @impl true
  def init(nil) do
    # After a restart the native part has to hear of the new process.
    if :persistent_term.get(__MODULE__, false), do: Native.set_clients()
    {:ok, nil}
  end

  @impl true
  def handle_call(:attach, _from, state) do
    :persistent_term.put(__MODULE__, true)
    {:reply, Native.set_clients(), state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_continue(:collect, state), do: Payload.collect(state)

  @impl true
  def handle_info({:"$rebeam", :client, _, _, _} = message, state) do
    {:client, owner, {sequence, operation}} = Owner.read(message, %Owner{})
    spawn(fn -> serve(owner, sequence, operation) end)
    Payload.handed_on(operation, state)
  end

  def handle_info(_message, state), do: {:noreply, state}

  # A thread that has gone on already wanted it done all the same.
  defp serve(owner, sequence, operation) do
    :ets.insert(@table, {self()})
    wanted? = Helper.begin(owner.native)
    # What it starts in place of the thread prints where that does.
    owner.native |> Native.actor_output() |> Output.adopt()
    owner = Wait.start(owner, sequence, operation)
    unless wanted?, do: Wait.leave(owner.wait)
    serve(if wanted?, do: owner, else: %{owner | wait: nil})
  end

  # Ends when the wait does: this process is nobody's but the wait's.
  defp serve(%{wait: nil}), do: :ets.delete(@table, self())

  defp serve(owner) do
    receive do
      message ->
        case Owner.read(message, owner) do
          {:heard, owner, _} -> serve(owner)
          _ -> serve(owner)
        end
    end
  end
end
