defmodule Rebeam.Registry.Access do
  @moduledoc false
  # What is done with registries, from any node. Entries are on the main node of a program, for all of
  # it: whoever is elsewhere has it done there, and may have to wait for that.
  #
  #   ask(place, verb, arguments) --the main node--> here
  #       \-- a unit --> its main node --\-- another program's node --> there
  #
  # Keys come in their form (Rebeam.Value.Key), results are plain terms. What an owner elsewhere has is
  # answered if it lives: its node is asked, unless it does not say so soon.

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Registry.{Partition, Store, Token}
  alias Rebeam.Value.Key

  @kinds %{"unique" => :unique, "duplicate" => :duplicate}

  # What there is where nothing was registered yet.
  @nothing %{lookup: [], keys: [], count: 0, own: nil, unregister: :ok}

  @typedoc """
  {name, node, kind, partitions}: which registry, and what it is if it is new. No node is this
  program's, and nil leaves it as it is.
  """
  @type place ::
          {String.t(), node :: String.t() | nil, kind :: String.t() | nil,
           partitions :: pos_integer | nil}

  @type error :: {:error, exception :: String.t(), text :: String.t()}

  @doc """
  Has it done where the registry is. The verbs, and what they come to:

    * `:open` - :ok, once there is one
    * `:register`, key, owner, value, shown - :ok, or {:taken, pid}
    * `:name`, the same - so that the key is a name: an error unless keys are unique
    * `:unregister`, key, owner - :ok
    * `:lookup`, key - [{pid, value}]
    * `:own`, key, owner - {value, version}, or nil
    * `:update`, key, owner, version, value - whether it was still that version
    * `:keys` - what was registered as keys, each once; `:keys`, owner - those of one owner
    * `:count` - the number of entries
    * `:whereis`, key - {:ok, pid} or :none
  """
  @spec ask(place, atom, [term], timeout) :: {:ok, term} | error
  def ask(place, verb, arguments, timeout \\ Nodes.patience())

  # Where its owner is, the key may be known natively (`Rebeam.Names.ask/3`).
  def ask(place, :unregister, [key, _] = arguments, timeout) do
    result = do_ask(place, :unregister, arguments, timeout)
    if token = Token.of(elem(place, 0), key), do: Native.names_forget(token)
    result
  end

  def ask(place, verb, arguments, timeout), do: do_ask(place, verb, arguments, timeout)

  defp do_ask(place, verb, arguments, timeout) do
    if here?(place),
      do: here(place, verb, arguments),
      else: Nodes.on_main(__MODULE__, :relay, [place, verb, arguments, timeout], timeout)
  catch
    :error, {:erpc, :timeout} -> no_answer(place)
    :error, {:exception, {:erpc, :timeout}, _} -> no_answer(place)
    :error, {:erpc, reason} -> unreachable(place, reason)
    :error, {:exception, {:erpc, reason}, _} -> unreachable(place, reason)
    :error, {:exception, :undef, _} -> unreachable(place, "there is no such program")
  end

  @doc "Whether the registry is on this node."
  @spec here?(place) :: boolean
  def here?({_, node, _, _}),
    do: Nodes.main?() and (node == nil or node == Atom.to_string(node()))

  @doc "On the main node: what a process has registered, as the arguments of `take/2` elsewhere."
  @spec entries(pid) :: [{place, [term]}]
  def entries(owner) do
    for {name, kind, partitions} = registry <- Store.all(),
        tables <- Store.partitions(registry),
        {key, value, shown} <- Partition.entries(tables, kind, owner),
        do: {{name, nil, Atom.to_string(kind), tuple_size(partitions)}, [key, value, shown]}
  end

  @doc "Registers that in this program, for a process of it. The error says why it has not got it."
  @spec take({place, [term]}, pid) :: :ok | {:error, String.t()}
  def take({place, [key, value, shown]}, owner) do
    case ask(place, :register, [key, owner, value, shown]) do
      {:ok, :ok} -> :ok
      {:ok, {:taken, holder}} -> {:error, "#{inspect(holder)} has the key"}
      {:error, _type, text} -> {:error, text}
    end
  end

  @doc false
  # On the main node.
  def relay({_, text, _, _} = place, verb, arguments, timeout) do
    node = text && Nodes.connected(text)

    cond do
      here?(place) -> here(place, verb, arguments)
      node == nil -> unreachable(place, "no connection")
      true -> Nodes.ask(node, __MODULE__, :arrived, [place, verb, arguments, timeout], timeout)
    end
  end

  @doc false
  # On the node that was named, which may be a unit's.
  def arrived(place, verb, arguments, timeout),
    do: Nodes.on_main(__MODULE__, :here, [place, verb, arguments], timeout)

  @doc false
  def here({name, _, _, _}, :whereis, [key]) do
    case find(name, key) do
      {:ok, pid} -> {:ok, if(lives?(pid), do: {:ok, pid}, else: :none)}
      :none -> {:ok, :none}
      {:error, text} -> {:error, "ValueError", text}
    end
  end

  # Who only looks, and does not know which kind it is, does not make it what it may not be.
  def here({name, _, kind, partitions}, verb, arguments) do
    if kind == nil and is_map_key(@nothing, verb) and Store.get(name) == nil do
      {:ok, @nothing[verb]}
    else
      case Store.open(name, @kinds[kind], partitions) do
        {:ok, registry} -> perform(verb, registry, arguments)
        {:error, text} -> {:error, "ValueError", text}
      end
    end
  end

  defp no_answer(place),
    do: {:error, "TimeoutError", "the node of #{show(place)} does not answer"}

  defp unreachable({_, node, _, _} = place, why) do
    {:error, "ConnectionError", "#{show(place)} is on #{node || Nodes.main()}: #{why}"}
  end

  defp show({name, _, _, _}), do: "the registry #{inspect(name)}"

  # ---- the verbs ---------------------------------------------------------------------------------

  defp perform(:open, _registry, []), do: {:ok, :ok}

  defp perform(:register, registry, [key, owner, value, shown]) do
    tables = Store.partition(registry, key)

    case Partition.register(tables, key, owner, value, shown) do
      :ok ->
        {:ok, :ok}

      {:taken, holder} ->
        if lives?(holder) do
          {:ok, {:taken, holder}}
        else
          Partition.gone(tables, holder)
          perform(:register, registry, [key, owner, value, shown])
        end
    end
  end

  defp perform(:name, {_, :duplicate, _} = registry, _arguments),
    do: not_unique(registry, "no one process")

  defp perform(:name, registry, arguments), do: perform(:register, registry, arguments)

  defp perform(:unregister, registry, [key, owner]),
    do: {:ok, registry |> Store.partition(key) |> Partition.unregister(key, owner)}

  defp perform(:lookup, registry, [key]) do
    entries = Store.lookup(registry, key)
    living = living(for {owner, _, _} <- entries, do: owner)
    {:ok, for({owner, value, _} <- entries, owner in living, do: {owner, value})}
  end

  defp perform(:own, {_, :duplicate, _} = registry, _arguments),
    do: not_unique(registry, "no one value")

  defp perform(:own, registry, [key, owner]) do
    own = for {^owner, value, version} <- Store.lookup(registry, key), do: {value, version}
    {:ok, List.first(own)}
  end

  defp perform(:update, registry, [key, owner, version, value]),
    do: {:ok, registry |> Store.partition(key) |> Partition.update(key, owner, version, value)}

  defp perform(:keys, {_, kind, _} = registry, []) do
    {:ok, registry |> Store.partitions() |> Enum.flat_map(&Partition.keys(&1, kind)) |> shown()}
  end

  defp perform(:keys, {_, kind, _} = registry, [owner]) do
    {:ok,
     registry |> Store.partitions() |> Enum.flat_map(&Partition.keys(&1, kind, owner)) |> shown()}
  end

  defp perform(:count, registry, []) do
    counts = registry |> Store.partitions() |> Enum.flat_map(&Partition.owners/1)
    living = counts |> Enum.map(&elem(&1, 0)) |> living()
    {:ok, Enum.sum(for {owner, count} <- counts, owner in living, do: count)}
  end

  defp shown(keys) do
    living = keys |> Enum.map(&elem(&1, 0)) |> living()
    living = for {owner, key, shown} <- keys, owner in living, do: {key, shown}
    living |> Enum.uniq_by(&elem(&1, 0)) |> Enum.map(&elem(&1, 1))
  end

  # ---- one process by its key --------------------------------------------------------------------

  @doc "Who has the key of a registry of this node, which may have ended. Waits for nobody."
  @spec find(String.t(), Key.t()) :: {:ok, pid} | :none | {:error, String.t()}
  def find(name, key) do
    case Store.get(name) do
      nil -> :none
      registry -> with {:error, _, text} <- unique(registry, key), do: {:error, text}
    end
  end

  defp unique({_, :duplicate, _} = registry, _key), do: not_unique(registry, "no one process")

  defp unique(registry, key) do
    case Store.lookup(registry, key) do
      [{pid, _, _}] -> {:ok, pid}
      [] -> :none
    end
  end

  defp not_unique({name, _, _}, what) do
    {:error, "ValueError",
     "the registry #{inspect(name)} has duplicate keys: #{what} belongs to a key of it"}
  end

  # ---- who lives ---------------------------------------------------------------------------------

  defp lives?(pid) when node(pid) == node(), do: Process.alive?(pid)
  defp lives?(pid), do: Nodes.alive(pid) != false

  defp living(pids) do
    {here, there} = pids |> Enum.uniq() |> Enum.split_with(&(node(&1) == node()))
    infos = if there == [], do: %{}, else: Nodes.process_infos(there, [:status])
    here = Enum.filter(here, &Process.alive?/1)
    MapSet.new(here ++ Enum.filter(there, &(Map.get(infos, &1, :unknown) != nil)))
  end
end
