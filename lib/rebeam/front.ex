defmodule Rebeam.Front do
  @moduledoc false
  # In the VM of an application whose Python has an OS process of its own (`python_host: :process`): the
  # program's main node is there, and this VM is a unit of it that has no Python. So names, tables,
  # groups, trees and what Python starts are there; what Elixir starts has a stand-in here.
  #
  #   none --somebody asks for it--> starting --> up --the OS process ends--> this server ends
  #     \------------------------------/ cannot start: who waits hears why
  #
  # When it is lost, so is all that the program had. The supervisor of the application starts whatever
  # here knew of it anew, from this server on; the stand-ins have crashed. Another main node begins when
  # somebody asks for one.
  use GenServer

  alias Rebeam.{Native, Nodes, Topics, Units}
  alias Rebeam.Message.Groups
  alias Rebeam.Units.Patience
  alias Rebeam.Value.Limits

  require Logger

  # How long after the loss of one this server may take to be there again, and how often it is looked,
  # in milliseconds.
  @restart_timeout 5_000
  @restart_period 10

  def child_spec(_) do
    %{id: __MODULE__, start: {__MODULE__, :start_link, []}, shutdown: shutdown() + 1_000}
  end

  # The main node ends its own units first.
  defp shutdown, do: 2 * Patience.finish()

  def start_link, do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The main node, another one than a lost one. Waits for it; raises if there can be none."
  @spec main(node | nil) :: node
  def main(lost), do: main(lost, div(@restart_timeout, @restart_period))

  defp main(lost, tries) do
    case GenServer.call(__MODULE__, {:main, lost}, :infinity) do
      {:ok, node} -> node
      {:error, text} -> raise text
    end
  catch
    :exit, _ when tries > 0 ->
      Process.sleep(@restart_period)
      main(lost, tries - 1)

    :exit, _ ->
      raise "the application :rebeam is not started"
  end

  # ---- the server ------------------------------------------------------------------------------

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    Nodes.be_front(&__MODULE__.main/1)

    with :ok <- Native.ensure(), :ok <- Limits.install() do
      {:ok, %{unit: nil, node: nil, waiting: []}}
    else
      {:error, text} -> {:stop, text}
    end
  end

  @impl true
  def handle_call({:main, lost}, _from, %{node: node} = state) when node not in [nil, lost],
    do: {:reply, {:ok, node}, state}

  def handle_call({:main, _lost}, from, state) do
    if state.unit != nil or Node.alive?(),
      do: {:noreply, begin(%{state | waiting: [from | state.waiting]})},
      else: {:reply, {:error, no_node()}, state}
  end

  defp begin(%{unit: nil} = state) do
    {:ok, unit} = Units.Process.start_link(:main, nil, self())
    %{state | unit: unit}
  end

  defp begin(state), do: state

  defp no_node do
    "config :rebeam, python_host: :process needs a VM that is a node: start it with --sname NAME, " <>
      "or with :net_kernel.start/2"
  end

  @impl true
  def handle_info({:unit, unit, :listening, _}, state) do
    send(unit, :known)
    {:noreply, state}
  end

  def handle_info({:unit, _, :ready, {:node, node}}, state) do
    Nodes.be_front_of(node)
    Groups.discover(node)
    Topics.Server.discover(node)
    {:noreply, answer(%{state | node: node}, {:ok, node})}
  end

  def handle_info({:EXIT, unit, reason}, %{unit: unit, node: nil} = state) do
    text = "the main node #{text(reason)}"
    {:noreply, answer(%{state | unit: nil}, {:error, text})}
  end

  # Who waits for another one asks again.
  def handle_info({:EXIT, unit, reason}, %{unit: unit} = state) do
    Logger.error("the main node #{text(reason)}: its scripts and actors crashed with it")
    {:stop, {:shutdown, :lost}, %{state | unit: nil}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  defp answer(state, answer) do
    Enum.each(state.waiting, &GenServer.reply(&1, answer))
    %{state | waiting: []}
  end

  defp text({:shutdown, text}) when is_binary(text), do: text
  defp text(reason), do: "ended: " <> Exception.format_exit(reason)

  @impl true
  def terminate(_reason, %{unit: nil}), do: :ok

  def terminate(_reason, %{unit: unit}) do
    send(unit, :finish)

    receive do
      {:EXIT, ^unit, _} -> :ok
    after
      shutdown() -> :ok
    end
  end
end
