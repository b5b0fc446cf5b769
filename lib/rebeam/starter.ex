defmodule Rebeam.Starter do
  @moduledoc false
  # Starting without making the supervisor wait: the child starts at once, does the
  # rest by itself, and then tells the starter. Its restarts have nobody to tell.

  @type t :: {reference, :atomics.atomics_ref()}

  # How long a child whose first start failed waits for its starter to remove it.
  @removal_timeout 5_000

  @doc "What the child gets, made by the process that will wait."
  @spec new :: t
  def new, do: {:erlang.alias([:reply]), :atomics.new(1, [])}

  @doc "Waits for what the child `pid` tells."
  @spec await(pid, t) :: {:ok, term} | {:error, term}
  def await(pid, {alias, _flag}) do
    monitor = Process.monitor(pid)

    receive do
      {:"$rebeam", ^alias, result} ->
        Process.demonitor(monitor, [:flush])
        result

      {:DOWN, ^monitor, :process, _, reason} ->
        :erlang.unalias(alias)
        {:error, reason}
    end
  end

  @doc "Tells the starter. True at the first start."
  @spec tell(t, {:ok, term} | {:error, term}) :: boolean
  def tell({alias, flag}, result) do
    send(alias, {:"$rebeam", alias, result})
    :atomics.exchange(flag, 1, 1) == 0
  end

  @doc """
  Tells that the start failed. At the first start the child then waits to be removed, lest
  its supervisor starts it again; a restart that fails is its supervisor's matter.
  """
  @spec fail(t, term) :: :ok
  def fail(starter, reason) do
    # The shutdown must not wait in the mailbox.
    Process.flag(:trap_exit, false)
    if tell(starter, {:error, reason}), do: Process.sleep(@removal_timeout)
    :ok
  end
end
