defmodule Rebeam.Units.Memory do
  @moduledoc false
  # How much memory a unit that is an OS process may take.
  #
  # Python gets MemoryError where it asks for more (a resource limit on data), which is one
  # actor's crash; a unit that holds more than that all the same (the VM's own memory, mappings)
  # ends, and is replaced.

  alias Rebeam.Units.OsProcess

  # How often the resident size is looked at, in milliseconds.
  @period 200
  # What the limit on data is above the limit: the VM maps more than it uses.
  @room 1.25

  @doc "The limit in bytes, nil for none."
  @spec limit :: pos_integer | nil
  def limit, do: Application.get_env(:rebeam, :unit_memory)

  @doc "In the unit: keeps the limit from now on. `quit` ends the unit and tells why."
  @spec guard(pos_integer | nil, (String.t() -> term)) :: :ok
  def guard(nil, _quit), do: :ok

  def guard(limit, quit) do
    Rebeam.Loader.limit_data(round(data() + limit * @room))
    {:ok, _} = :timer.apply_interval(@period, __MODULE__, :check, [limit, quit])
    :ok
  end

  @doc false
  def check(limit, quit) do
    if resident() > limit do
      quit.("held #{mib(resident())} MiB, its limit is #{mib(limit)} MiB: it was ended")
    end
  end

  @doc "The resident memory of this OS process, in bytes."
  @spec resident :: non_neg_integer
  def resident, do: OsProcess.memory("VmRSS")

  defp data, do: OsProcess.memory("VmData")

  defp mib(bytes), do: div(bytes, 1024 * 1024)
end
