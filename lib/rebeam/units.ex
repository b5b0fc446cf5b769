defmodule Rebeam.Units do
  @moduledoc false
  # Isolation units: where the Python of an actor runs.
  #
  #   "shared"       the main interpreter of this VM
  #   "interpreter"  a sub-interpreter of this VM, with a GIL of its own (interpreter.ex)
  #   "process"      a hidden Erlang node in an OS process of its own (process.ex)
  #
  # A unit is where a child's own process or Python runs; what stays on the main node, nodes.ex
  # says. A child that starts in a unit comes as a request: bytes from which the unit's Python
  # makes it (python/rebeam/_program/units.py), and the digest of what it has to know beforehand
  # (programs.ex).

  alias Rebeam.{Actor, Native, Nodes, StateMachine}
  alias Rebeam.Python.Runtime
  alias Rebeam.Units.{Interpreter, Pool, Programs, StandIn}

  @type isolation :: String.t()
  @type target :: {:interpreter, pid, maker :: reference} | {:node, node}

  @doc "The isolation of children that name none."
  @spec default :: isolation
  def default, do: :rebeam |> Application.get_env(:isolation, :shared) |> to_string()

  # ---- starting ----------------------------------------------------------------------------

  @doc """
  Starts a child in a unit, linked to the caller: the start function of its specification.
  `request` is what the unit's Python makes it from.
  """
  @spec start_link(isolation, String.t(), module, binary, keyword) ::
          {:ok, pid} | :ignore | {:error, term}
  def start_link(isolation, digest, module, request, options)
      when module in [Actor, StateMachine] do
    case isolation do
      # Sent from a unit.
      "shared" ->
        with :ok <- Runtime.ensure(), do: module.start_link({Runtime.maker(), request}, options)

      "interpreter" ->
        start_in_interpreter(digest, module, request, options)

      "process" ->
        StandIn.start_link({digest, module, request, options})
    end
  end

  defp start_in_interpreter(digest, module, request, options) do
    with {:ok, {:interpreter, unit, maker}} <- Pool.place("interpreter"),
         :ok <- Interpreter.prepare(unit, Programs.current(digest)) do
      module.start_link({maker, request}, [{:isolation, "interpreter"} | options])
    else
      {:error, text} -> {:error, {:shutdown, text}}
    end
  end

  # ---- looking -----------------------------------------------------------------------------

  @doc "The counts of all of the program, and under `:units` those of each unit."
  @spec info :: map
  def info do
    if Nodes.main?(), do: info_of(Pool.units()), else: Nodes.on_main(__MODULE__, :info, [])
  end

  defp info_of(units) do
    nodes = for {"process", _, _, {:node, node}} <- units, not Nodes.busy?(node), do: node

    told =
      nodes |> :erpc.multicall(Native, :counts, [], Nodes.glance()) |> then(&Enum.zip(nodes, &1))

    each = for unit <- units, counts = counts(unit, told), do: {unit, counts}

    # This node's own are those of all its interpreters.
    [Native.counts() | for({{"process", _, _, _}, counts} <- each, do: counts)]
    |> Enum.reduce(&Map.merge(&1, &2, fn _, a, b -> a + b end))
    |> Map.put(:units, Enum.map(each, &describe/1))
  end

  defp describe({{isolation, index, _pid, target}, counts}) do
    node = with {:node, node} <- target, do: node, else: (_ -> node())
    Map.merge(counts, %{isolation: isolation, index: index, node: node})
  end

  # None of one that ended, or is stuck.
  defp counts({"process", _, _, {:node, node}}, told) do
    with {^node, {:ok, counts}} <- List.keyfind(told, node, 0), do: counts, else: (_ -> nil)
  end

  defp counts({"interpreter", _, pid, _}, _told), do: Interpreter.info(pid)
end
