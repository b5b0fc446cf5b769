defmodule Rebeam.Actor.Merge do
  @moduledoc false
  # A process of this node has lost its name in the cluster, and ends with a reason that says so. If
  # it lost it to another one, and its class has a @merge, its state goes there first:
  #
  #   holder --gives its state, does nothing more--> ended --its state--> @merge of the one that is kept
  #
  # What waits in its mailbox then is told that it is down, as ever.

  alias Rebeam.Nodes
  alias Rebeam.Message.Loans
  alias Rebeam.Value.Codec

  require Logger

  # python/rebeam/_marks.py
  @give "$rebeam.state"
  @take "$rebeam.merge"

  # How long each may take, in milliseconds.
  @timeout 5_000

  @typedoc "No majority, with how many nodes are there; or taken, by that claim."
  @type why :: {:no_majority, String.t()} | {:taken, %{pid: pid | nil, node: node}}

  @doc "Ends it. Waits for its state."
  @spec lose(%{pid: pid, name: String.t()}, why) :: term
  def lose(%{pid: pid, name: name}, why),
    do: hand_over(pid, name, why, fn -> Process.exit(pid, {:shutdown, text(name, why)}) end)

  @doc "The same, where `end_it` ends it."
  @spec hand_over(pid, String.t(), why, (... -> term)) :: term
  def hand_over(pid, name, why, end_it) do
    state = state(pid, why)
    Logger.notice("#{inspect(pid)} ends: #{text(name, why)}")
    end_it.()
    give(state, why)
  end

  @doc "What is said of it."
  @spec text(String.t(), why) :: String.t()
  def text(name, {:no_majority, count}),
    do: "the name #{inspect(name)} is lost: no majority of the cluster is here (#{count} nodes)"

  def text(name, {:taken, %{pid: pid, node: node}}) do
    by = if pid, do: "#{inspect(pid)} on "
    "the name #{inspect(name)} is lost to #{by}#{node}"
  end

  defp state(_pid, {:no_majority, _}), do: nil
  defp state(pid, _why), do: if(actor?(pid), do: ask(pid, @give, Codec.pack!(nil)))

  # To any other process these messages mean nothing.
  defp actor?(pid) do
    initial = Nodes.on_node_of(pid, :proc_lib, :translate_initial_call, [pid])
    initial == {Rebeam.Actor, :init, 1}
  catch
    _, _ -> false
  end

  defp give({:ok, state}, {:taken, %{pid: winner}}) when winner != nil do
    with {:ok, state} <- Loans.take(state),
         {:ok, _} <- ask(winner, @take, state) do
      :ok
    else
      {_, why} ->
        Logger.error("#{inspect(winner)} has not merged the other's state: #{inspect(why)}")
    end
  end

  defp give(_none, _why), do: :ok

  defp ask(pid, subject, payload) do
    GenServer.call(pid, {:rebeam, subject, Loans.lend(payload, pid)}, @timeout)
  catch
    :exit, reason -> {:down, reason}
  end
end
