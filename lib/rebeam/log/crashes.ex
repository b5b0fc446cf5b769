defmodule Rebeam.Log.Crashes do
  @moduledoc false
  # The last crashes of the program, on its main node. Those of one actor that are alike are one entry,
  # with their number: so what fails in a loop does not push the others out.
  use GenServer

  alias Rebeam.Log.Work
  alias Rebeam.Nodes

  # So many entries are kept; of the texts, so many bytes each.
  @most 100
  @text 10_000

  @typedoc """
  `who` is what logs call the actor, `pid` the last one of these, `work` what it was at, `subject` for
  which message, `count` how often, `first` and `last` when, in microseconds of the system's time.
  """
  @type entry :: %{
          who: String.t(),
          pid: pid,
          reason: String.t(),
          traceback: String.t(),
          work: atom | nil,
          subject: String.t() | nil,
          count: pos_integer,
          first: integer,
          last: integer
        }

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc """
  A process crashed: what logs call it, why, in one line and with the traceback (`""`: there is
  none), and what it was at, as the native part tells it. Waits for nobody.
  """
  @spec note(pid, String.t(), String.t(), String.t(), Work.t() | nil) :: term
  def note(pid, who, reason, traceback, at) do
    {work, subject} = at(at)
    place = with [] <- Regex.scan(~r/^  File .*$/m, traceback), do: reason

    crash = %{
      who: cut(who),
      pid: pid,
      reason: cut(reason),
      traceback: cut(traceback),
      work: work,
      subject: subject,
      last: System.system_time(:microsecond)
    }

    # What it says may name another object each time; where it happened does not.
    send_to(
      if(Nodes.front?(), do: node(), else: Nodes.main()),
      {:crash, :erlang.md5(:erlang.term_to_binary({who, subject, place})), crash}
    )
  end

  # The subject of a state machine says more: see Rebeam.StateMachine.Step.
  defp at({work, subject, _, _}) when work in [:call, :cast],
    do: {work, subject |> String.split(<<0>>) |> List.last() |> cut()}

  defp at({work, _, _, _}), do: {work, nil}
  defp at(nil), do: {nil, nil}

  # A copy: what is cut off would stay with it.
  defp cut(text), do: text |> String.slice(0, @text) |> :binary.copy()

  defp send_to(node, message) when node == node(), do: GenServer.cast(__MODULE__, message)

  defp send_to(node, message),
    do: :erlang.send({__MODULE__, node}, {:"$gen_cast", message}, [:nosuspend, :noconnect])

  @doc """
  The calling process is told of each crash from now on, as `{#{inspect(__MODULE__)}, crash}`. On the
  main node.
  """
  @spec watch :: :ok
  def watch, do: GenServer.cast(__MODULE__, {:watch, self()})

  @doc "On the main node: the last `limit` entries, the newest first."
  @spec last(pos_integer) :: [entry]
  def last(limit), do: GenServer.call(__MODULE__, {:last, limit})

  @doc "On the main node: how many there were in all."
  @spec count :: non_neg_integer
  def count, do: GenServer.call(__MODULE__, :count)

  @impl true
  def init(nil), do: {:ok, %{entries: [], count: 0, watchers: []}}

  @impl true
  def handle_call({:last, limit}, _from, state),
    do: {:reply, for({_, entry} <- Enum.take(state.entries, limit), do: entry), state}

  def handle_call(:count, _from, state), do: {:reply, state.count, state}
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:watch, pid}, state) do
    Process.monitor(pid)
    {:noreply, %{state | watchers: [pid | state.watchers]}}
  end

  def handle_cast({:crash, key, crash}, %{entries: entries, count: count} = state) do
    for pid <- state.watchers, do: send(pid, {__MODULE__, crash})

    {before, others} =
      case List.keytake(entries, key, 0) do
        {{_, before}, others} -> {before, others}
        nil -> {%{count: 0, first: crash.last}, entries}
      end

    entry = Map.merge(crash, %{count: before.count + 1, first: before.first})
    entries = Enum.take([{key, entry} | others], @most)
    {:noreply, %{state | entries: entries, count: count + 1}}
  end

  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info({:DOWN, _, :process, pid, _}, state),
    do: {:noreply, %{state | watchers: List.delete(state.watchers, pid)}}

  def handle_info(_message, state), do: {:noreply, state}
end
