defmodule Rebeam.Units do
  @moduledoc false
  # Isolation units: where the Python of an actor runs.
  #
  #   "shared"       the main interpreter of this VM
  #   "interpreter"  a sub-interpreter of this VM, with a GIL of its own (interpreter.ex)
  #   "process"      a hidden Erlang node in an OS process of its own (process.ex)
  #
  # Supervisors, names and what Python starts at run time stay on the *main* node, the one that
  # the program was started on. A unit is where a child's own process or Python runs. A child
  # that starts in a unit comes as a request: bytes from which the unit's Python makes it
  # (python/rebeam/_engine/units.py). What the unit has to know beforehand is the program: sys.path,
  # the definitions of main.py, and so on; it is kept here under its digest.

  alias Rebeam.{Actor, Native, StateMachine}
  alias Rebeam.Program.Runtime
  alias Rebeam.Units.{Interpreter, Keeper, Pool}

  @type isolation :: String.t()
  @type target :: {:interpreter, pid, maker :: reference} | {:node, node}

  # How long a unit may take to say its counts, in milliseconds.
  @info_timeout 1_000

  @doc "The node that the program was started on: this one, unless it is a unit."
  @spec main :: node
  def main, do: :persistent_term.get({__MODULE__, :main}, node())

  @doc "True on the main node."
  @spec main? :: boolean
  def main?, do: :persistent_term.get({__MODULE__, :main}, nil) == nil

  @doc "In a unit that is a node: whose it is."
  @spec be_unit_of(node) :: :ok
  def be_unit_of(node), do: :persistent_term.put({__MODULE__, :main}, node)

  @doc "Runs a function on the main node. Raises what it raises."
  @spec on_main(module, atom, list) :: term
  def on_main(module, function, arguments) do
    if main?(),
      do: apply(module, function, arguments),
      else: :erpc.call(main(), module, function, arguments)
  end

  @doc "The isolation of children that name none."
  @spec default :: isolation
  def default, do: :rebeam |> Application.get_env(:isolation, :shared) |> to_string()

  @doc "How many units of a kind there are at most."
  @spec workers :: pos_integer
  def workers, do: Application.get_env(:rebeam, :workers) || System.schedulers_online()

  # ---- programs ----------------------------------------------------------------------------

  @doc "Remembers a program under its digest."
  @spec put_program(String.t(), binary) :: :ok
  def put_program(digest, program), do: on_main(Pool, :put_program, [digest, program])

  @doc "What stands under a digest."
  @spec program(String.t()) :: binary | nil
  def program(digest), do: on_main(Pool, :program, [digest])

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
        Keeper.start_link({digest, module, request, options})
    end
  end

  defp start_in_interpreter(digest, module, request, options) do
    with {:ok, {:interpreter, unit, maker}} <- Pool.place("interpreter"),
         :ok <- Interpreter.prepare(unit, digest) do
      module.start_link({maker, request}, options)
    else
      {:error, text} -> {:error, {:shutdown, text}}
    end
  end

  # ---- looking -----------------------------------------------------------------------------

  @doc "The counts of all of the program, and under `:units` those of each unit."
  @spec info :: map
  def info do
    if main?(), do: info_of(Pool.units()), else: on_main(__MODULE__, :info, [])
  end

  defp info_of(units) do
    each = for unit <- units, counts = counts(unit), do: {unit, counts}

    # This node's own are those of all its interpreters.
    [Native.counts() | for({{"process", _, _, _}, counts} <- each, do: counts)]
    |> Enum.reduce(&Map.merge(&1, &2, fn _, a, b -> a + b end))
    |> Map.put(:units, Enum.map(each, &describe/1))
  end

  defp describe({{isolation, index, _pid, target}, counts}) do
    node = with {:node, node} <- target, do: node, else: (_ -> node())
    Map.merge(counts, %{isolation: isolation, index: index, node: node})
  end

  defp counts({"process", _, _, {:node, node}}) do
    :erpc.call(node, Native, :counts, [], @info_timeout)
  catch
    # It ended, or is stuck.
    _, _ -> nil
  end

  defp counts({"interpreter", _, pid, _}), do: Interpreter.info(pid)

  @doc "What `Process.info/2` says, of a process on whichever node of the program."
  @spec process_info(pid, [atom]) :: keyword | nil
  def process_info(pid, items) when node(pid) == node(), do: Process.info(pid, items)

  def process_info(pid, items) do
    :erpc.call(node(pid), Process, :info, [pid, items])
  catch
    _, _ -> nil
  end
end
