defmodule Rebeam.Names do
  @moduledoc false
  # Local names of Python processes: strings, so that no name makes an atom. What
  # Elixir registered under an atom is found too.

  import Kernel, except: [send: 2]

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Names.Away
  alias Rebeam.Value.Codec

  @registry Rebeam.Names.Registry

  def child_spec(_), do: Registry.child_spec(keys: :unique, name: @registry)

  @doc "The name as OTP's own behaviours take it; registering goes the same way as from Python."
  @spec via(String.t()) :: {:via, module, String.t()}
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
  def whereis_name(name) do
    case lookup(name) do
      {pid, nil} -> pid
      {_stand_in, pid} -> pid
      nil -> :undefined
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
  @spec register(String.t()) :: :ok | {:error, {:already_registered, pid}}
  def register(name) do
    with :ok <- register_away(name), :ok <- register_here(name), do: Native.names_changed()
  end

  # What a unit's process is called, its main node knows; here for those of the same unit.
  defp register_away(name) do
    if Nodes.main?(), do: :ok, else: Nodes.on_main(Away, :register, [name, self()])
  end

  defp register_here(name) do
    case Registry.register(@registry, name, nil) do
      {:ok, _} -> :ok
      {:error, {:already_registered, pid}} -> Away.retry(pid, fn -> register_here(name) end)
    end
  end

  @spec unregister(String.t()) :: :ok
  def unregister(name) do
    Registry.unregister(@registry, name)
    unless Nodes.main?(), do: Nodes.on_main(Away, :unregister, [name, self()])
    Native.names_changed()
  end

  @spec whereis(String.t()) :: pid | nil
  def whereis(name) do
    version = Native.names_version()

    case lookup(name) do
      {pid, nil} ->
        learned(name, pid, version)

      {_stand_in, pid} ->
        pid

      nil ->
        if Nodes.main?(),
          do: whereis_atom(name),
          else: Nodes.on_main(__MODULE__, :whereis, [name])
    end
  end

  # The registry itself gives names of processes that have ended until it hears of that.
  defp lookup(name) do
    case Registry.lookup(@registry, name) do
      [{owner, _} = found] -> if Process.alive?(owner), do: found
      [] -> nil
    end
  end

  # The next call by this name goes directly.
  defp learned(name, pid, version) do
    Native.names_learn(name, pid, version)
    pid
  end

  @spec registered() :: [String.t()]
  def registered do
    if Nodes.main?(), do: registered_here(), else: Nodes.on_main(__MODULE__, :registered, [])
  end

  defp registered_here do
    Registry.select(@registry, [{{:"$1", :_, :_}, [{:is_binary, :"$1"}], [:"$1"]}])
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

  @doc "The names that a process has here."
  @spec names_of(pid) :: [String.t()]
  def names_of(pid), do: Registry.keys(@registry, pid)

  defp whereis_atom(name) do
    case Process.whereis(String.to_existing_atom(name)) do
      pid when is_pid(pid) -> pid
      _ -> nil
    end
  rescue
    ArgumentError -> nil
  end

  @doc """
  What a target means: a pid, a name, or what Python packed (a remote pid, or a
  name with its node). Anything else is an error text.
  """
  @spec resolve(term) :: {:ok, pid | {atom, node}} | :none | {:error, String.t()}
  def resolve(pid) when is_pid(pid), do: {:ok, pid}

  def resolve(name) when is_binary(name) do
    case whereis(name) do
      nil -> :none
      pid -> {:ok, pid}
    end
  end

  def resolve({name, node}) when is_binary(name) and is_binary(node),
    do: resolve_remote(name, node)

  def resolve({:packed, bytes}) do
    case Codec.unpack(bytes) do
      {:ok, {name, node}} when is_binary(name) and is_binary(node) -> resolve_remote(name, node)
      {:ok, pid} when is_pid(pid) -> {:ok, pid}
      {:ok, other} -> {:error, "no target: #{inspect(other)}"}
      {:error, text} -> {:error, text}
    end
  end

  # A unit is a hidden node: it is connected to few, and its main node to all of the cluster.
  defp resolve_remote(name, node) do
    resolve_there(Nodes.on_main(__MODULE__, :whereis, [name, node]))
  catch
    _, _ -> :none
  end

  @doc "On the main node: who has the name on the node of that name."
  @spec whereis(String.t(), String.t()) :: pid | nil
  def whereis(name, node) do
    case Enum.find([node() | Node.list(:connected)], &(Atom.to_string(&1) == node)) do
      nil -> nil
      node when node == node() -> whereis(name)
      node -> whereis_on(node, name)
    end
  end

  defp whereis_on(node, name) do
    :erpc.call(node, __MODULE__, :whereis, [name])
  rescue
    # A node without Re:BEAM has OTP's own registry. The atom is that node's.
    error in ErlangError ->
      {:exception, :undef, _} = error.original
      atom = :erpc.call(node, :erlang, :binary_to_existing_atom, [name])
      pid = :erpc.call(node, :erlang, :whereis, [atom])
      if is_pid(pid), do: pid
  end

  defp resolve_there(nil), do: :none
  defp resolve_there(pid), do: {:ok, pid}
end
