defmodule Rebeam.Counters do
  @moduledoc false
  # Which cell (c_src/counter/cell.h) is the counter, gauge or flag of a name: the main node gives each
  # new name the next one, and units ask it once for each. None is given back: a counter is there for
  # as long as its program.
  #
  # The server only owns the table. It is the first of the application, so that it outlives whatever
  # else is started anew.
  use GenServer

  alias Rebeam.{Native, Nodes}

  # As many as there are cells.
  @max 65_536

  @typedoc "How Python calls it."
  @type kind :: String.t()

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @typedoc "A cell; or why there is none: the name is of another kind, or there can be none."
  @type found :: {:ok, non_neg_integer} | {:error, String.t()} | {:failed, String.t()}

  @doc "The cell of that name. May ask the main node."
  @spec find(kind, String.t()) :: found
  def find(kind, name) do
    case :ets.lookup(__MODULE__, name) do
      [found] -> checked(found, kind)
      [] -> if Nodes.main?(), do: make(kind, name), else: ask(kind, name)
    end
  end

  @doc "The same, as far as this node knows."
  @spec known(kind, String.t()) :: found | :unknown
  def known(kind, name) do
    case :ets.lookup(__MODULE__, name) do
      [found] -> checked(found, kind)
      [] -> if Nodes.main?(), do: make(kind, name), else: :unknown
    end
  end

  defp checked({_name, kind, index}, kind), do: {:ok, index}
  defp checked({name, other, _}, _), do: {:error, "#{inspect(name)} is a #{other}"}

  # Two that do this at once may lose a cell, and no more.
  defp make(kind, name) do
    with {:ok, _address} <- Native.cell_share(),
         {:ok, index} <- next() do
      :ets.insert_new(__MODULE__, {name, kind, index})
      checked(hd(:ets.lookup(__MODULE__, name)), kind)
    else
      {:error, text} -> {:failed, text}
    end
  end

  defp next do
    case :ets.update_counter(__MODULE__, :next, {2, 1, @max, @max}, {:next, -1}) do
      @max -> {:error, "a program has at most #{@max} counters, gauges and flags"}
      index -> {:ok, index}
    end
  end

  defp ask(kind, name) do
    with {{:ok, index} = found, address} <- Nodes.on_main(__MODULE__, :tell, [kind, name]),
         :ok <- Native.cell_join(address) do
      :ets.insert(__MODULE__, {name, kind, index})
      found
    else
      {{_, _} = not_found, _} -> not_found
      {:error, text} -> {:failed, text}
    end
  end

  @doc false
  # For a unit: with where the cells are, once there are some.
  def tell(kind, name) do
    found = find(kind, name)
    address = with {:ok, _} <- found, {:ok, address} <- Native.cell_share(), do: address
    {found, address}
  end

  @doc "On the main node: what a unit does that cannot share its memory. What it is then, or was."
  @spec change(kind, String.t(), String.t(), number) ::
          {:ok, number | atom} | {:error, String.t()} | {:failed, String.t()}
  def change(kind, name, verb, value) do
    with {:ok, index} <- find(kind, name) do
      {form, value} = if kind == "gauge", do: {:float, value * 1.0}, else: {:integer, value}

      case verb do
        "add" -> {:ok, Native.cell_add(form, index, value)}
        "get" -> {:ok, Native.cell_get(form, index)}
        "exchange" -> {:ok, Native.cell_exchange(form, index, value)}
      end
    end
  end

  @impl true
  def init(nil) do
    :ets.new(__MODULE__, [:named_table, :public, read_concurrency: true])
    {:ok, nil}
  end

  @impl true
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info(_message, state), do: {:noreply, state}
end
