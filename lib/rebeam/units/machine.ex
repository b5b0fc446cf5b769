defmodule Rebeam.Units.Machine do
  @moduledoc false
  # A worker machine that has joined, on the main node: whether it is there. `rebeam join` on that machine
  # is a hidden node (lender.ex), which answers each beat. One that has not for a lease and a quarter
  # is gone, before OTP would know; that machine ends its units when it has heard nothing for a lease. So
  # none of its actors runs beside the one that was started in its stead.
  #
  #   joined --:leave--> leaving --its actors are elsewhere, its units ended--> left
  #      \--its node is gone, or does not answer--> gone
  use GenServer

  alias Rebeam.Python.Runtime

  # Beats in a lease.
  @beats 4

  @typedoc "What a machine says of itself."
  @type offer :: %{
          node: node,
          lender: pid,
          workers: pos_integer,
          labels: [String.t()],
          memory: pos_integer | nil,
          python: Path.t(),
          python_version: String.t(),
          version: String.t()
        }

  @typedoc "One that has joined; `place` is that and no earlier one of that name."
  @type t :: %{
          node: node,
          lender: pid,
          workers: pos_integer,
          labels: [String.t()],
          memory: pos_integer | nil,
          python: Path.t(),
          place: Rebeam.Units.Losses.place(),
          leaving?: boolean | :finishing
        }

  @doc "What is kept of it."
  @spec new(offer) :: t
  def new(offer) do
    offer
    |> Map.take([:node, :lender, :workers, :labels, :memory, :python])
    |> Map.merge(%{place: {offer.node, System.unique_integer()}, leaving?: false})
  end

  @doc "Whether units of this program can run there. The error says what differs."
  @spec check(offer) :: :ok | {:error, String.t()}
  def check(offer) do
    cond do
      not Runtime.started?() ->
        {:error, "the program has not started yet"}

      offer.version != version() ->
        {:error, "it has Re:BEAM #{offer.version}, the program #{version()}"}

      minor(offer.python_version) != minor(Runtime.version()) ->
        {:error,
         "its Python is #{offer.python_version} (#{offer.python}), the program's " <>
           "#{Runtime.version()}: both have to be #{Enum.join(minor(Runtime.version()), ".")} " <>
           "(--python)"}

      true ->
        :ok
    end
  end

  @doc "The version of this package."
  @spec version :: String.t()
  def version do
    Application.load(:rebeam)
    "#{Application.spec(:rebeam, :vsn)}"
  end

  defp minor(version), do: version |> String.split(".") |> Enum.take(2)

  @doc "After how many milliseconds without a beat a machine ends its units."
  @spec lease :: pos_integer
  def lease, do: 1000 * Application.get_env(:rebeam, :cluster_lease, 4)

  # ---- its process -------------------------------------------------------------------------

  @doc "Watches the machine for `pool`, and ends when it is gone, with `{:shutdown, text}`."
  @spec start_link(t, pid) :: GenServer.on_start()
  def start_link(machine, pool), do: GenServer.start_link(__MODULE__, {machine, pool})

  @impl true
  def init({machine, pool}) do
    Process.put(:"$process_label", "worker machine #{machine.node}")
    Process.monitor(machine.lender)
    send(self(), :beat)
    {:ok, %{machine: machine, pool: pool, heard: now()}}
  end

  @impl true
  def handle_info(:beat, state) do
    if now() - state.heard > lease() + div(lease(), @beats) do
      {:stop, {:shutdown, "did not answer for #{div(now() - state.heard, 1000)} s"}, state}
    else
      # A machine that takes nothing holds up nobody.
      :erlang.send(state.machine.lender, {:beat, self()}, [:nosuspend, :noconnect])
      Process.send_after(self(), :beat, div(lease(), @beats))
      {:noreply, state}
    end
  end

  def handle_info(:beaten, state), do: {:noreply, %{state | heard: now()}}

  def handle_info(:leave, state) do
    send(state.pool, {:machine, self(), :leaves})
    {:noreply, state}
  end

  def handle_info({:DOWN, _, :process, _, :noconnection}, state),
    do: {:stop, {:shutdown, "is not connected any more"}, state}

  def handle_info({:DOWN, _, :process, _, _}, state),
    do: {:stop, {:shutdown, "ended without leaving"}, state}

  def handle_info(_other, state), do: {:noreply, state}

  defp now, do: System.monotonic_time(:millisecond)
end
