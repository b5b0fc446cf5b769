defmodule Rebeam.Observe.Stacks do
  @moduledoc false
  # Where the code of an actor is. Python alone knows, and may be unable to say: while code in C holds
  # the GIL, nobody hears anything of it.

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Units.StandIn
  alias Rebeam.Value.Codec

  # How long Python gets, in milliseconds.
  @patience 2_000

  @typedoc "`{task or \"\", running?, [{file, line, function, text, [{local, repr}]}]}`"
  @type stack :: {String.t(), boolean, [tuple]}

  @doc """
  The stacks of the actor: none while nothing runs. `:unknown` if Python does not say in time, nil if
  that process is none of Python's.
  """
  @spec of(pid) :: [stack] | :unknown | nil
  def of(pid) do
    actor = StandIn.actor(pid)
    Nodes.on_node_of(actor, __MODULE__, :here, [actor])
  catch
    :error, {:erpc, :timeout} -> :unknown
  end

  # What comes too late is for a process that has ended.
  @doc false
  def here(pid), do: Task.await(Task.async(fn -> ask(pid) end), :infinity)

  defp ask(pid) do
    reference = make_ref()
    if Native.stack_ask(pid, reference) == :ok, do: await(reference)
  end

  defp await(reference) do
    receive do
      {^reference, ""} -> :unknown
      {^reference, packed} -> elem(Codec.unpack(packed), 1)
    after
      @patience -> :unknown
    end
  end
end
