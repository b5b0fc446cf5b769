defmodule Rebeam.Moves do
  @moduledoc false
  # Has actors move to other nodes. What happens then is in `Rebeam.Actor.Moving`; who keeps them
  # there, in `Rebeam.Moves.Guest`. Nothing here is an actor's process: it may wait.

  alias Rebeam.Actor.Moving
  alias Rebeam.Moves.Guest
  alias Rebeam.{Names, Nodes}

  require Logger

  # How long a node may take to answer, in milliseconds.
  @patience 10_000

  @type error :: {:error, exception :: String.t(), text :: String.t()}

  def child_spec(_),
    do: DynamicSupervisor.child_spec(name: __MODULE__.Guests, strategy: :one_for_one)

  @doc "Moves an actor to the program of that node: its process there. Waits until it is there."
  @spec move(pid, String.t()) :: {:ok, pid} | error
  def move(pid, node), do: Nodes.on_main(__MODULE__, :move_from_main, [pid, node], :infinity)

  @doc false
  def move_from_main(pid, name) do
    with {:ok, node} <- node_of(name),
         {:ok, description} <- describe(pid),
         do: move_described(description, pid, node)
  end

  defp node_of(name) do
    case Nodes.connected(name) do
      nil -> {:error, "ValueError", "#{name} is no node that is connected"}
      node -> {:ok, node}
    end
  end

  defp move_described(%{node: node, pid: actor}, _pid, node), do: {:ok, actor}

  defp move_described(%{kind: :run}, pid, _node),
    do: refused(pid, "it is a function, whose code runs where it began")

  defp move_described(description, pid, node),
    do: with({:ok, actor, _guest} <- hand_over(description, node, nil, pid), do: {:ok, actor})

  @doc "The same of one that is described, with what the guest adopts it with, if it does."
  @spec hand_over(Moving.description(), node, Guest.belongings() | nil, pid) ::
          {:ok, pid, guest :: pid} | error
  def hand_over(description, node, belongings, pid) do
    case invite(description, node, belongings) do
      {:ok, guest} -> go(pid, guest)
      {:error, text} -> refused(pid, "#{node}: #{text}")
    end
  end

  defp invite(description, node, belongings) do
    Nodes.ask(node, Guest, :start, [description, belongings], @patience)
  catch
    :error, {:erpc, :timeout} -> {:error, "it does not answer"}
    :error, {:erpc, :noconnection} -> {:error, "it is gone"}
    :error, {:exception, :undef, _} -> {:error, "it is no program of Re:BEAM"}
    _, reason -> {:error, "it takes no actors (#{inspect(reason)})"}
  end

  defp go(pid, guest) do
    case ask(pid, &Moving.ask(pid, &1, guest), :infinity) do
      {:ok, {:ok, actor}} -> {:ok, actor, guest}
      {:ok, {:error, text}} -> refused(pid, text)
      {:down, text} -> {:error, "LookupError", text}
    end
  end

  defp refused(pid, text),
    do: {:error, "RuntimeError", "cannot move #{:erlang.pid_to_list(pid)}: #{text}"}

  # ---- what it is ----------------------------------------------------------------------------------

  @doc "What there is to be known of an actor that may move."
  @spec describe(pid) :: {:ok, Moving.description()} | error
  def describe(pid) do
    case what(pid) do
      {module, :init, 1} when module in [Rebeam.Actor, Rebeam.StateMachine] -> described(pid)
      {:supervisor, _, 1} -> refused(pid, "it is a supervisor: move its children")
      nil -> {:error, "LookupError", gone(pid)}
      _ -> refused(pid, "it is no actor of Python's")
    end
  end

  defp what(pid) do
    if Nodes.alive(pid, @patience),
      do: Nodes.on_node_of(pid, :proc_lib, :translate_initial_call, [pid], @patience)
  end

  defp described(pid) do
    case ask(pid, &Moving.ask_description(pid, &1), :infinity) do
      {:ok, description} -> {:ok, description}
      {:down, text} -> {:error, "LookupError", text}
    end
  end

  defp ask(pid, ask, timeout) do
    monitor = Process.monitor(pid)
    ask.({self(), monitor})

    receive do
      {^monitor, answer} ->
        Process.demonitor(monitor, [:flush])
        {:ok, answer}

      {:DOWN, ^monitor, _, _, _} ->
        {:down, gone(pid)}
    after
      timeout -> {:down, gone(pid)}
    end
  end

  defp gone(pid), do: "noproc: #{:erlang.pid_to_list(pid)} has ended"

  @doc "An actor moves itself: when what it does now is over. Nobody waits for that."
  @spec move_later(pid, String.t()) :: {:ok, pid} | error
  def move_later(pid, node) do
    spawn(fn ->
      with {:error, _, text} <- move(pid, node), do: Logger.error(text)
    end)

    {:ok, pid}
  end

  @doc "The process of a target of Python's."
  @spec find(Names.target()) :: {:ok, pid} | error
  def find(target) do
    case Names.resolve(target) do
      {:ok, pid} when is_pid(pid) -> {:ok, pid}
      {:error, text} -> {:error, "ValueError", text}
      :timeout -> {:error, "LookupError", "timeout: nobody says who has the name"}
      _ -> {:error, "LookupError", "noproc: no such process"}
    end
  end
end
