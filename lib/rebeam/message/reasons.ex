defmodule Rebeam.Message.Reasons do
  @moduledoc false
  # Why processes ended, for those who looked too late. A direct call is sent past its caller's
  # process, which monitors the target milliseconds later (c_src/actor/announce.h): a target that is
  # gone by then is `:noproc` to it.
  #
  # An actor writes its reason into a table as it ends, which costs nothing while it lives; one that
  # did not was killed. This process does that for state machines, which it monitors from their
  # beginning, as nobody can tell by their ids what they were. Each reason is kept for some seconds.
  use GenServer

  # A caller asks within milliseconds, unless the machine is very busy.
  @kept 5_000

  # `watched`: a table of those whose end is not told yet; `asked`: who waits for the end of a process
  # that is gone, but whose end is not told yet.
  defstruct [:watched, asked: %{}]

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The calling actor ends for that reason."
  @spec ended(term) :: true
  def ended(reason), do: ended(self(), reason)

  defp ended(pid, reason) do
    :ets.insert(__MODULE__, {pid, reason, now()})
    if :ets.insert_new(__MODULE__, {:forgetting}), do: send(__MODULE__, :forget_later)
    true
  rescue
    # It begins anew.
    ArgumentError -> true
  end

  defp now, do: System.monotonic_time(:millisecond)

  @doc "The end of the calling process shall be known, from `watched/1` on."
  @spec watch :: :gen_server.request_id()
  def watch, do: :gen_server.send_request(__MODULE__, :watch)

  @spec watched(:gen_server.request_id()) :: term
  def watched(request), do: :gen_server.receive_response(request, :infinity)

  @doc "Why the process ended that is gone; `:noproc` if that is not known, of an actor `:killed`."
  @spec reason(pid, actor? :: boolean) :: term
  def reason(pid, true), do: written(pid) || :killed

  def reason(pid, false) do
    GenServer.call(__MODULE__, {:reason, pid})
  catch
    :exit, _ -> :noproc
  end

  defp written(pid) do
    case :ets.lookup(__MODULE__, pid) do
      [{_, reason, _}] -> reason
      [] -> nil
    end
  rescue
    ArgumentError -> nil
  end

  @impl true
  def init(nil) do
    :ets.new(__MODULE__, [:named_table, :public, write_concurrency: true])
    {:ok, %__MODULE__{watched: :ets.new(__MODULE__, [:private])}}
  end

  @impl true
  def handle_call(:watch, {pid, _}, state) do
    Process.monitor(pid)
    :ets.insert(state.watched, {pid})
    {:reply, :ok, state}
  end

  def handle_call({:reason, pid}, from, state) do
    if :ets.member(state.watched, pid),
      do: {:noreply, %{state | asked: Map.update(state.asked, pid, [from], &[from | &1])}},
      else: {:reply, written(pid) || :noproc, state}
  end

  @impl true
  def handle_info({:DOWN, _, :process, pid, reason}, state) do
    :ets.delete(state.watched, pid)
    {asked, rest} = Map.pop(state.asked, pid, [])
    for from <- asked, do: GenServer.reply(from, reason)
    ended(pid, reason)
    {:noreply, %{state | asked: rest}}
  end

  def handle_info(:forget_later, state) do
    Process.send_after(self(), :forget, @kept)
    {:noreply, state}
  end

  # Whoever writes after the first line has it done again.
  def handle_info(:forget, state) do
    :ets.delete(__MODULE__, :forgetting)
    old = [{{:_, :_, :"$1"}, [{:<, :"$1", now() - @kept}], [true]}]
    :ets.select_delete(__MODULE__, old)

    if :ets.info(__MODULE__, :size) > 0 and :ets.insert_new(__MODULE__, {:forgetting}),
      do: send(self(), :forget_later)

    {:noreply, state}
  end

  def handle_info(_message, state), do: {:noreply, state}
end
