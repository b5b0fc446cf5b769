defmodule Rebeam.Units.Placing do
  @moduledoc false
  # Which unit of a kind a child goes to: of those that will do, the one with the fewest actors, and of
  # these the one that has waited longest. Those of this host and of all worker machines are alike, as
  # each is one worker. A child may want a machine by its name, or one with a label. Plain functions
  # of what Rebeam.Units.Pool keeps.

  alias Rebeam.Units.{Losses, Machine, Pool}

  @typedoc """
  One unit. `target` is where children start once it is up; `first?` holds up who waits, lest the first
  unit gets more than its part; `load` is how many actors are there, `turn` when the last one came.
  """
  @type unit :: %{
          index: pos_integer,
          machine: Machine.t() | nil,
          target: Rebeam.Units.target() | nil,
          node: node | nil,
          was_up?: boolean,
          first?: boolean,
          load: non_neg_integer,
          turn: non_neg_integer
        }
  @type kind :: %{
          isolation: String.t(),
          units: %{pid => unit},
          turn: non_neg_integer,
          waiting: list,
          failure: String.t() | nil
        }

  @spec unit(pos_integer, Machine.t() | nil, boolean) :: unit
  def unit(index, machine, first?) do
    %{index: index, machine: machine, target: nil, node: nil, was_up?: false, first?: first?}
    |> Map.merge(%{load: 0, turn: 0})
  end

  @spec up(unit, Rebeam.Units.target()) :: unit
  def up(unit, target) do
    node = with {:node, node} <- target, do: node, else: (_ -> nil)
    %{unit | target: target, node: node, first?: false}
  end

  @doc "Whether a unit of this host would do."
  @spec here?(Pool.demand()) :: boolean
  def here?(nil), do: true
  def here?({:node, name}), do: name == Atom.to_string(node())
  def here?({:where, _label}), do: false

  defp fits?(_unit, nil), do: true
  defp fits?(%{machine: nil}, demand), do: here?(demand)
  defp fits?(%{machine: machine}, {:node, name}), do: name == Atom.to_string(machine.node)
  defp fits?(%{machine: machine}, {:where, label}), do: label in machine.labels

  defp leaving?(%{machine: nil}), do: false
  defp leaving?(%{machine: machine}), do: machine.leaving?

  @doc "The unit for a child; `:later` while one that will do is starting."
  @spec choose(kind, Pool.demand()) ::
          {:unit, pid} | :later | {:none, String.t()} | {:error, String.t()}
  def choose(kind, demand) do
    units = for {_, unit} = each <- kind.units, fits?(unit, demand), not leaving?(unit), do: each
    {ready, starting} = Enum.split_with(units, fn {_, unit} -> unit.target end)

    cond do
      Enum.any?(starting, fn {_, unit} -> unit.first? end) -> :later
      ready != [] -> {:unit, ready |> Enum.min_by(&order/1) |> elem(0)}
      starting != [] -> :later
      kind.failure && here?(demand) -> {:error, kind.failure}
      true -> {:none, nowhere(demand)}
    end
  end

  # Of equal ones, those of this host come first.
  defp order({_, %{machine: machine} = unit}),
    do: {unit.load, unit.turn, machine != nil, machine && machine.node, unit.index}

  defp nowhere({:node, name}), do: "no worker machine #{name} has joined this program"

  defp nowhere({:where, label}),
    do:
      "no worker machine with the label #{inspect(label)} has joined: rebeam join --label #{label}"

  defp nowhere(nil), do: "there is no worker: --workers is 0, and no worker machine has joined"

  @doc "A child goes there."
  @spec take(kind, pid) :: kind
  def take(%{isolation: isolation, turn: turn} = kind, pid) do
    load = if isolation == "process", do: 1, else: 0
    kind = put_in(kind.turn, turn + 1)
    update_in(kind.units[pid], &%{&1 | load: &1.load + load, turn: turn + 1})
  end

  @doc "It is there no more. The unit may have ended."
  @spec give_back(kind, pid) :: kind
  def give_back(kind, pid) when is_map_key(kind.units, pid),
    do: update_in(kind.units[pid].load, &(&1 - 1))

  def give_back(kind, _pid), do: kind

  @doc "What who asked for a unit gets."
  @spec seat(unit) :: Pool.seat() | {:ok, Rebeam.Units.target()}
  def seat(%{target: {:node, node}, machine: nil}), do: {:ok, node, node}
  def seat(%{target: {:node, node}, machine: machine}), do: {:ok, node, machine.place}
  def seat(%{target: target}), do: {:ok, target}

  @doc "What is lost with a unit of that node, which ended for that reason."
  @spec lost(unit | nil, node, term) :: Losses.lost()
  def lost(%{machine: %{place: place}}, _node, {:shutdown, :machine_gone}), do: {:machine, place}
  def lost(_unit, node, _reason), do: {:unit, node}

  @doc "Whether one that ended is to be replaced, as its machine is there and stays."
  @spec wanted?(unit, %{pid => Machine.t()}) :: boolean
  def wanted?(%{machine: nil}, _machines), do: true

  def wanted?(%{machine: %{place: place, leaving?: leaving?}}, machines),
    do: not leaving? and Enum.any?(machines, fn {_, each} -> each.place == place end)

  @spec of_machine(kind, Machine.t()) :: [{pid, unit}]
  def of_machine(kind, %{place: place}) do
    for {_, %{machine: %{place: ^place}}} = each <- kind.units, do: each
  end

  @doc "The kind with those of its units changed that are such."
  @spec map(kind, (unit -> boolean), (unit -> unit)) :: kind
  def map(kind, such?, change) do
    units = Map.new(kind.units, fn {pid, u} -> {pid, if(such?.(u), do: change.(u), else: u)} end)
    %{kind | units: units}
  end

  @doc "Its number, on a worker machine with that one's name."
  @spec index(unit) :: pos_integer | String.t()
  def index(%{index: index, machine: nil}), do: index
  def index(%{index: index, machine: machine}), do: "#{index} on #{machine.node}"

  @spec label(kind, unit) :: String.t()
  def label(kind, unit), do: "#{kind.isolation} unit #{index(unit)}"
end
