defmodule Rebeam.Message.Reasons do
  @moduledoc false
  # Why processes ended, for those who looked too late. A direct call is sent past its caller's
  # process, which monitors the target milliseconds later (c_src/actor/announce.h): a target that is
  # gone by then is `:noproc` to it. This process monitors all actors from their beginning, and keeps
  # the reason of each end for some seconds.
  use GenServer

  # A caller asks within milliseconds, unless the machine is very busy.
  @kept 5_000

  # `watched`: a table of those whose end is not told yet; `reasons` and `before`: of the present
  # period and of the one before it, which one timer ends while there are any; `asked`: who waits for
  # the end of a process that is gone, but whose end is not told yet.
  defstruct [:watched, reasons: %{}, before: %{}, asked: %{}]

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The end of the calling process shall be known, from `watched/1` on."
  @spec watch :: :gen_server.request_id()
  def watch, do: :gen_server.send_request(__MODULE__, :watch)

  @spec watched(:gen_server.request_id()) :: term
  def watched(request), do: :gen_server.receive_response(request, :infinity)

  @doc "Why the process ended that is gone; `:noproc` if that is not known."
  @spec reason(pid) :: term
  def reason(pid) do
    GenServer.call(__MODULE__, {:reason, pid})
  catch
    :exit, _ -> :noproc
  end

  @impl true
  def init(nil) do
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
      else: {:reply, state.reasons[pid] || Map.get(state.before, pid, :noproc), state}
  end

  @impl true
  def handle_info({:DOWN, _, :process, pid, reason}, state) do
    :ets.delete(state.watched, pid)
    {asked, rest} = Map.pop(state.asked, pid, [])
    for from <- asked, do: GenServer.reply(from, reason)
    if state.reasons == %{} and state.before == %{}, do: forget_later()
    {:noreply, %{state | reasons: Map.put(state.reasons, pid, reason), asked: rest}}
  end

  def handle_info(:forget, state) do
    if state.reasons != %{}, do: forget_later()
    {:noreply, %{state | reasons: %{}, before: state.reasons}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  defp forget_later, do: Process.send_after(self(), :forget, @kept)
end
