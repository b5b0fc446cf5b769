defmodule Rebeam.Names do
  @moduledoc false
  # What processes are called. Local names of Python processes are strings, so that no name makes an
  # atom; what Elixir registered under an atom is found too. An address is the other way to name a
  # process: a key of a registry, or a name in the cluster (python/rebeam/_addresses.py).

  import Kernel, except: [send: 2]

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Names.{Away, Global}
  alias Rebeam.Registry.{Access, Token}
  alias Rebeam.Value.{Codec, Key}

  @registry Rebeam.Names.Registry

  def child_spec(_), do: Registry.child_spec(keys: :unique, name: @registry)

  @typedoc """
  What one process has: a name, the key of a registry, with the packed one if that shows another, or a
  name in the cluster.
  """
  @type name ::
          String.t()
          | {String.t(), Access.place(), term, term}
          | {String.t(), String.t(), split :: String.t() | nil}

  @doc "The name as OTP's own behaviours take it; registering goes the same way as from Python."
  @spec via(name) :: {:via, module, name}
  def via(name), do: {:via, __MODULE__, name}

  @doc "What `GenServer` functions take for a name: strings are names that Python knows too."
  @spec server(String.t() | GenServer.name()) :: GenServer.name()
  def server(name) when is_binary(name), do: via(name)
  def server(name), do: name

  # The functions that {:via, module, name} needs. A process registers itself alone.

  @doc false
  def register_name(name, pid) when pid == self() do
    if register(name) == :ok, do: :yes, else: :no
  end

  @doc false
  def unregister_name(name), do: unregister(name)

  @doc false
  def whereis_name(address) when is_tuple(address) do
    case resolve(address) do
      {:ok, pid} -> pid
      _ -> :undefined
    end
  end

  def whereis_name(name) do
    case lookup(name) do
      {pid, nil} -> pid
      {_stand_in, pid} -> pid
      nil -> (Nodes.front?() && whereis(name)) || :undefined
    end
  end

  @doc false
  def send(name, message) do
    case whereis_name(name) do
      :undefined -> :erlang.error(:badarg, [name, message])
      pid -> Kernel.send(pid, message)
    end
  end

  @doc "The calling process gets the name, in all of the program."
  @spec register(name) ::
          :ok
          | {:error, {:already_registered, pid | node} | {:no_majority, String.t()} | :timeout}
          | {:error, String.t()}
  def register({"global", name, split}), do: Global.register(name, self(), split || "majority")

  def register({"via", place, key, shown}) do
    key = Key.received(key)
    arguments = [key, self(), Codec.pack!(nil), shown || Key.term(key)]

    case Access.ask(place, :name, arguments) do
      {:ok, :ok} -> :ok
      {:ok, {:taken, pid}} -> {:error, {:already_registered, pid}}
      {:error, "TimeoutError", _} -> {:error, :timeout}
      {:error, _, text} -> {:error, text}
    end
  end

  def register(name) do
    with :ok <- reserve(name, self()), do: register_here(name)
  end

  @doc """
  Has the name be free for a process of this node to register. What a unit's process is called, its
  main node knows first.
  """
  @spec reserve(String.t(), pid) :: :ok | {:error, {:already_registered, pid} | :timeout}
  def reserve(name, pid) do
    if Nodes.main?(), do: Away.clear(name), else: reserve_on_main(name, pid)
  end

  # It may have got there although the answer came too late, the time before.
  defp reserve_on_main(name, pid) do
    with {:error, {:already_registered, ^pid}} = taken <-
           Nodes.on_main(Away, :register, [name, pid]),
         do: if(lookup(name), do: taken, else: :ok)
  catch
    :error, {:erpc, :timeout} -> {:error, :timeout}
  end

  @doc "The rest, by the process itself: it has the name on this node."
  @spec register_here(String.t()) :: :ok | {:error, {:already_registered, pid}}
  def register_here(name) do
    case Registry.register(@registry, name, nil) do
      {:ok, _} -> Native.names_changed()
      {:error, {:already_registered, pid}} -> Away.retry(pid, fn -> register_here(name) end)
    end
  end

  @doc "The calling process has the name no more."
  @spec unregister(name) :: :ok
  def unregister({"global", name, _split}), do: Global.unregister(name, self()) && :ok

  def unregister({"via", place, key, _shown}) do
    Access.ask(place, :unregister, [Key.received(key), self()])
    :ok
  end

  def unregister(name) do
    release(name, self())
    unregister_here(name)
  end

  @doc "The main node knows no more that a process of this node has it."
  @spec release(String.t(), pid) :: :ok | {:error, :timeout}
  def release(name, pid) do
    if Nodes.main?(), do: :ok, else: Nodes.on_main(Away, :unregister, [name, pid])
  catch
    :error, {:erpc, :timeout} -> {:error, :timeout}
  end

  @doc "The rest, by the process itself."
  @spec unregister_here(String.t()) :: :ok
  def unregister_here(name) do
    Registry.unregister(@registry, name)
    Native.names_changed()
  end

  @doc """
  The living process that has the name, nil if there is none. Asks the node that knows, at most so
  many milliseconds.
  """
  @spec whereis(String.t(), timeout) :: pid | nil
  def whereis(name, timeout \\ Nodes.patience()) do
    case resolve(name, timeout, :living) do
      {:ok, pid} -> pid
      _ -> nil
    end
  end

  @spec registered() :: [String.t()]
  def registered do
    if Nodes.main?(), do: registered_here(), else: Nodes.on_main(__MODULE__, :registered, [])
  end

  # But for those of which only the registry does not know yet that they ended.
  defp registered_here do
    pattern = {{:"$1", :"$2", :"$3"}, [{:is_binary, :"$1"}], [{{:"$1", :"$2", :"$3"}}]}

    names =
      for {name, pid, away} <- Registry.select(@registry, [pattern]), do: {name, away || pid}

    infos = names |> Enum.map(&elem(&1, 1)) |> Enum.uniq() |> Nodes.process_infos([:status])
    for {name, pid} <- names, Map.get(infos, pid, :unknown) != nil, do: name
  end

  @doc "The caller hosts trees for `owner`. No name; kept here for as long as the caller lives."
  @spec register_host(pid) :: :ok
  def register_host(owner) do
    {:ok, _} = Registry.register(@registry, {:host, self()}, owner)
    :ok
  end

  @doc "All hosts, with their owners."
  @spec hosts() :: [{pid, pid}]
  def hosts,
    do: Registry.select(@registry, [{{{:host, :"$1"}, :_, :"$2"}, [], [{{:"$1", :"$2"}}]}])

  @doc """
  The caller stands for a script that is one of several: what is started for it outside of its trees
  ends with it. No name; kept for as long as the caller lives.
  """
  @spec register_script :: :ok
  def register_script do
    {:ok, _} = Registry.register(@registry, {:script, self()}, nil)
    :ok
  end

  @doc "The caller, which stands for a script, ends now what was started for it."
  @spec leave_script :: term
  def leave_script, do: Registry.register(@registry, {:left, self()}, nil)

  @doc "Whether a process that stood for a script does so no more."
  @spec script_left?(pid) :: boolean
  def script_left?(pid),
    do: not Process.alive?(pid) or Registry.lookup(@registry, {:left, pid}) != []

  @doc "The one of these processes that does."
  @spec script([pid | atom]) :: pid | nil
  def script(pids), do: Enum.find(pids, &(Registry.lookup(@registry, {:script, &1}) != []))

  @doc "The caller is a dynamic supervisor of Python's. No name; kept here for as long as it lives."
  @spec register_dynamic :: :ok
  def register_dynamic do
    {:ok, _} = Registry.register(@registry, {:dynamic, self()}, nil)
    :ok
  end

  @doc "Whether that process is one."
  @spec dynamic?(pid) :: boolean
  def dynamic?(pid), do: Registry.lookup(@registry, {:dynamic, pid}) != []

  @doc "How logs and tools show a name."
  @spec text(name) :: String.t()
  def text({"global", name, _split}), do: name

  def text({"via", {registry, _, _, _}, key, nil}),
    do: "#{registry}[#{inspect(Key.term(Key.received(key)))}]"

  # Of a class of Python's.
  def text({"via", {registry, _, _, _}, _key, _shown}), do: "#{registry}[...]"
  def text(name), do: name

  @doc "The names that a process has here."
  @spec names_of(pid) :: [String.t()]
  def names_of(pid), do: for(name <- Registry.keys(@registry, pid), is_binary(name), do: name)

  # ---- targets -----------------------------------------------------------------------

  @typedoc """
  A pid, a name or an address, a name with its node, or what Python packed: a remote pid, an address,
  or a name with its node.
  """
  @type target :: pid | name | {String.t(), String.t()} | {:packed, binary}

  @typedoc """
  Who has a name in another OS process dies there first, and here somewhat later. `:living` asks
  there; `:any` is for who hears of it anyway.
  """
  @type certainty :: :any | :living

  @typedoc "What only another node knows: who has the name there, or whether that process lives."
  @type question ::
          {:name, String.t(), String.t() | node}
          | {:key, Access.place(), Key.t()}
          | {:global, String.t()}
          | {:alive, pid}
          | {:front, String.t()}

  @doc "What a target means, as far as this node knows. Waits for nobody."
  @spec find(target, certainty) ::
          {:ok, pid} | :none | {:error, String.t()} | {:ask, question}
  def find(target, certainty \\ :any)
  def find(pid, _certainty) when is_pid(pid), do: {:ok, pid}
  def find(name, certainty) when is_binary(name), do: find_name(name, certainty)

  def find({name, node}, certainty) when is_binary(name) and is_binary(node) do
    if Nodes.main?() and node == Atom.to_string(node()),
      do: find_name(name, certainty),
      else: {:ask, {:name, name, node}}
  end

  def find({"via", {registry, _, _, _} = place, key, _shown}, certainty) do
    key = Key.received(key)

    if Access.here?(place),
      do: find_key(registry, key, certainty),
      else: {:ask, {:key, place, key}}
  end

  def find({"global", name, _split}, certainty) when is_binary(name) do
    if Nodes.main?(),
      do: name |> Global.find() |> certainly(certainty),
      else: {:ask, {:global, name}}
  end

  def find({:packed, bytes}, certainty) do
    case Codec.unpack(bytes) do
      {:ok, pid} when is_pid(pid) -> {:ok, pid}
      {:ok, target} when is_tuple(target) -> find(target, certainty)
      {:ok, other} -> {:error, "no target: #{inspect(other)}"}
      {:error, text} -> {:error, text}
    end
  end

  def find(other, _certainty), do: {:error, "no target: #{inspect(other)}"}

  defp find_key(registry, key, certainty) do
    token = Token.of(registry, key)
    version = token && Native.names_version(token)

    case Access.find(registry, key) do
      {:ok, pid} when node(pid) != node() -> certainly({:ok, pid}, certainty)
      {:ok, pid} -> if Process.alive?(pid), do: {:ok, learned(token, pid, version)}, else: :none
      nobody -> nobody
    end
  end

  defp certainly({:ok, pid}, :living) when node(pid) != node(), do: {:ask, {:alive, pid}}

  defp certainly({:ok, pid}, _certainty) when node(pid) == node(),
    do: if(Process.alive?(pid), do: {:ok, pid}, else: :none)

  defp certainly(found, _certainty), do: found

  defp find_name(name, certainty) do
    version = Native.names_version(name)

    case lookup(name) do
      {pid, nil} -> {:ok, learned(name, pid, version)}
      {_stand_in, pid} when certainty == :any -> {:ok, pid}
      {_stand_in, pid} -> {:ask, {:alive, pid}}
      nil -> find_away(name)
    end
  end

  # What Elixir registered under an atom is where the application is.
  defp find_away(name) do
    cond do
      not Nodes.main?() -> {:ask, {:name, name, Nodes.main()}}
      Nodes.front() -> with :none <- find_atom(name), do: {:ask, {:front, name}}
      true -> find_atom(name)
    end
  end

  # The registry itself gives names of processes that have ended until it hears of that.
  defp lookup(name) do
    case Registry.lookup(@registry, name) do
      [{owner, _} = found] -> if Process.alive?(owner), do: found
      [] -> nil
    end
  rescue
    # In a front the registry starts anew when the main node is lost, and who asks need not hear of it.
    error in ArgumentError -> if Nodes.front?(), do: nil, else: reraise(error, __STACKTRACE__)
  end

  # The next call by this name goes directly.
  defp learned(nil, pid, _version), do: pid

  defp learned(name, pid, version) do
    Native.names_learn(name, pid, version)
    pid
  end

  @doc false
  def find_atom(name) do
    case Process.whereis(String.to_existing_atom(name)) do
      pid when is_pid(pid) -> if systems?(pid), do: :none, else: {:ok, pid}
      _ -> :none
    end
  rescue
    ArgumentError -> :none
  end

  # An actor may have the name of a process of Erlang's or Elixir's own ("logger"). What is meant for
  # it comes to no such one while it restarts: the VM would end with that.
  defp systems?(pid) do
    :application.get_application(pid) in [{:ok, :kernel}, {:ok, :elixir}] or
      Process.info(pid, :group_leader) == {:group_leader, Process.whereis(:init)}
  end

  @doc """
  The same with an answer to each question: not for the process of an actor, as it waits for other
  nodes, at most so many milliseconds.
  """
  @spec resolve(target, timeout, certainty) ::
          {:ok, pid} | :none | :timeout | {:error, String.t()}
  def resolve(target, timeout \\ Nodes.patience(), certainty \\ :living) do
    with {:ask, question} <- find(target, certainty), do: ask(question, timeout, certainty)
  end

  @doc "The answer to a question of `find/2`."
  @spec ask(question, timeout, certainty) ::
          {:ok, pid} | :none | :timeout | {:error, String.t()}
  def ask(question, timeout \\ Nodes.patience(), certainty \\ :living)

  # One whose node does not say so soon may live.
  def ask({:alive, pid}, timeout, _certainty) do
    if Nodes.alive(pid, min(timeout, Nodes.glance())) == false, do: :none, else: {:ok, pid}
  end

  # One of this node alone gives it up here, or ends: so it may be known here from now on.
  def ask({:key, {registry, node, _, _} = place, key}, timeout, _certainty) do
    token = if node == nil, do: Token.of(registry, key)
    version = token && Native.names_version(token)

    case Access.ask(place, :whereis, [key], timeout) do
      {:ok, {:ok, pid}} when node(pid) == node() -> {:ok, learned(token, pid, version)}
      {:ok, found} -> found
      {:error, "ValueError", text} -> {:error, text}
      {:error, "TimeoutError", _} -> :timeout
      {:error, _unreachable, _} -> :none
    end
  end

  def ask({:front, name}, timeout, _certainty) do
    Nodes.ask(Nodes.front(), __MODULE__, :find_atom, [name], timeout)
  catch
    :error, {:erpc, :timeout} -> :timeout
    _, _ -> :none
  end

  # A unit is a hidden node: it is connected to few, and its main node to all of the cluster.
  def ask({:name, name, node}, timeout, certainty),
    do: ask_main(:ask_node, [name, node, timeout, certainty], timeout)

  def ask({:global, name}, timeout, certainty),
    do: ask_main(:resolve, [{"global", name, nil}, timeout, certainty], timeout)

  defp ask_main(function, arguments, timeout) do
    Nodes.on_main(__MODULE__, function, arguments, timeout)
  catch
    :error, {:erpc, :timeout} -> :timeout
    # Of one that the main node asked.
    :error, {:exception, {:erpc, :timeout}, _} -> :timeout
    _, _ -> :none
  end

  @doc "On the main node: who has the name on the node of that name."
  @spec ask_node(String.t(), String.t() | node, timeout, certainty) ::
          {:ok, pid} | :none | :timeout
  def ask_node(name, node, timeout, certainty) do
    case connected(node) do
      nil -> :none
      node when node == node() -> resolve(name, timeout, certainty)
      node -> resolve_on(node, name, timeout, certainty)
    end
  end

  defp connected(node) when is_atom(node), do: node
  defp connected(node), do: Nodes.connected(node)

  defp resolve_on(node, name, timeout, certainty) do
    Nodes.ask(node, __MODULE__, :resolve, [name, timeout, certainty], timeout)
  catch
    # A node without Re:BEAM has OTP's own registry. The atom is that node's.
    :error, {:exception, :undef, _} -> registered_on(node, name, timeout)
  end

  defp registered_on(node, name, timeout) do
    atom = Nodes.ask(node, :erlang, :binary_to_existing_atom, [name], timeout)
    pid = Nodes.ask(node, :erlang, :whereis, [atom], timeout)
    if is_pid(pid), do: {:ok, pid}, else: :none
  end
end
