defmodule Rebeam.Registry do
  @moduledoc ~S'''
  Python's registries, as Elixir sees them: both sides read and write the same one.

      iex> Rebeam.Registry.register("doc_players", {"team", 1}, %{"n" => 1})
      :ok
      iex> Rebeam.Registry.lookup("doc_players", {"team", 1}) == [{self(), %{"n" => 1}}]
      true
      iex> Rebeam.Registry.update_value("doc_players", {"team", 1}, &Map.put(&1, "n", 2))
      {%{"n" => 2}, %{"n" => 1}}
      iex> Rebeam.Registry.keys("doc_players", self())
      [{"team", 1}]
      iex> GenServer.whereis({:via, Rebeam.Registry, {"doc_players", {"team", 1}}}) == self()
      true
      iex> Rebeam.Registry.unregister("doc_players", {"team", 1})
      :ok
      iex> Rebeam.Registry.lookup("doc_players", {"team", 1})
      []

  A registry is one for all of the program, and exists from the first time on that Python uses it or a
  process registers itself; who looks into one that is not there yet finds nothing. One with duplicate
  keys, or with several partitions, is made by `new/2`, or as a child:

      children = [{Rebeam.Registry, name: "topics", keys: :duplicate, partitions: 4}]

  The functions are called as in Elixir's `Registry`, and mean what they mean there, but that

    * `keys/2` has each key once
    * names of registries are strings, or `{name, node}` for another program's
    * keys are what Python can hash, and compare as there: `1`, `1.0` and `true` are one key. They are
      numbers, strings, `Rebeam.Bytes`, atoms, dates and times, pids, references, and tuples and
      `MapSet`s of these
    * values are what Python has a form for (`Rebeam.Value`)
    * nobody is answered who has ended, and `count/1` counts none

  A registry that is another one than the options say, or whose node does not answer, raises.
  '''

  alias Rebeam.{Names, Options, Packed, Value}
  alias Rebeam.Registry.{Access, Store}
  alias Rebeam.Value.Key

  @type registry :: String.t() | {String.t(), node}
  @type key :: term
  @type value :: term
  @type option :: {:keys, :unique | :duplicate} | {:partitions, pos_integer}

  @doc "A registry as a child: `:name` and the options of `new/2`. No process stands for it."
  @spec child_spec([{:name, String.t()} | option]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{id: {__MODULE__, options[:name]}, start: {__MODULE__, :start_link, [options]}}
  end

  @doc false
  def start_link(options) do
    {name, options} = Keyword.pop(options, :name)
    new(name, options)
    :ignore
  end

  @doc """
  Makes a registry, if there is none of that name: with `:keys` that are `:unique` (the default) or
  `:duplicate`, in so many `:partitions` (1).
  """
  @spec new(String.t(), [option]) :: :ok
  def new(name, options \\ []) do
    Options.check!(options, [:keys, :partitions])
    name = name!(name)
    kind = Keyword.get(options, :keys, :unique)
    count = Keyword.get(options, :partitions)

    unless kind in [:unique, :duplicate],
      do: raise(ArgumentError, ":keys are :unique or :duplicate, not #{inspect(kind)}")

    unless count == nil or (is_integer(count) and count in 1..Store.most_partitions()),
      do: raise(ArgumentError, ":partitions is a number up to 1024, not #{inspect(count)}")

    done!(Access.ask({name, nil, Atom.to_string(kind), count}, :open, []))
  end

  @doc "Enters the calling process under the key."
  @spec register(registry, key, value) :: :ok | {:error, {:already_registered, pid}}
  def register(registry, key, value) do
    arguments = [Key.form(key), self(), Value.payload!(value), key]

    with {:taken, pid} <- done!(Access.ask(place(registry), :register, arguments)),
         do: {:error, {:already_registered, pid}}
  end

  @doc "Takes away what the calling process has under the key."
  @spec unregister(registry, key) :: :ok
  def unregister(registry, key),
    do: done!(Access.ask(place(registry), :unregister, [Key.form(key), self()]))

  @doc "The process and value of each entry of the key, in the order in which they came."
  @spec lookup(registry, key) :: [{pid, value}]
  def lookup(registry, key) do
    entries = done!(Access.ask(place(registry), :lookup, [Key.form(key)]))
    for {pid, value} <- entries, do: {pid, value!(value)}
  end

  @doc "Those of them whose value matches a pattern, as in a match specification."
  @spec match(registry, key, pattern :: term, guards :: [term]) :: [{pid, value}]
  def match(registry, key, pattern, guards \\ []) do
    specification = :ets.match_spec_compile([{{:_, pattern}, guards, [:"$_"]}])
    registry |> lookup(key) |> :ets.match_spec_run(specification)
  end

  @doc "All keys, each once."
  @spec keys(registry) :: [key]
  def keys(registry), do: registry |> place() |> Access.ask(:keys, []) |> keys!()

  @doc "The keys of a process."
  @spec keys(registry, pid) :: [key]
  def keys(registry, pid), do: registry |> place() |> Access.ask(:keys, [pid]) |> keys!()

  @doc "The number of entries."
  @spec count(registry) :: non_neg_integer
  def count(registry), do: done!(Access.ask(place(registry), :count, []))

  @doc "Changes the value of the calling process: the new and the old one. Where keys are unique."
  @spec update_value(registry, key, (value -> value)) :: {new :: value, old :: value} | :error
  def update_value(registry, key, fun) do
    case done!(Access.ask(place(registry), :own, [Key.form(key), self()])) do
      nil ->
        :error

      {value, version} ->
        old = value!(value)
        new = fun.(old)
        arguments = [Key.form(key), self(), version, Value.payload!(new)]
        done!(Access.ask(place(registry), :update, arguments))
        {new, old}
    end
  end

  @doc "Calls the function with the entries of the key, here and at once, unless there are none."
  @spec dispatch(registry, key, ([{pid, value}] -> term)) :: :ok
  def dispatch(registry, key, fun) do
    with [_ | _] = entries <- lookup(registry, key), do: fun.(entries)
    :ok
  end

  # ---- {:via, Rebeam.Registry, {registry, key}} --------------------------------------------------

  @doc false
  def register_name({registry, key}, pid) when pid == self() do
    arguments = [Key.form(key), pid, Value.payload!(nil), key]
    if done!(Access.ask(place(registry), :name, arguments)) == :ok, do: :yes, else: :no
  end

  @doc false
  def unregister_name({registry, key}), do: unregister(registry, key)

  @doc false
  def whereis_name({registry, key}) do
    case Names.resolve({"via", place(registry), Key.form(key), nil}) do
      {:ok, pid} -> pid
      {:error, text} -> raise ArgumentError, text
      _nobody -> :undefined
    end
  end

  @doc false
  def send({registry, key}, message) do
    case whereis_name({registry, key}) do
      :undefined -> :erlang.error(:badarg, [{registry, key}, message])
      pid -> Kernel.send(pid, message)
    end
  end

  # ---- terms -------------------------------------------------------------------------------------

  defp place({name, node}) when is_atom(node), do: {name!(name), Atom.to_string(node), nil, nil}
  defp place(name), do: {name!(name), nil, nil, nil}

  defp name!(name) do
    if is_binary(name) and name != "" and String.valid?(name),
      do: name,
      else:
        raise(ArgumentError, "a registry's name is a string, or {name, node}: #{inspect(name)}")
  end

  defp value!(payload) do
    case Value.unpack_message(payload) do
      {:ok, term} -> term
      {:error, text} -> raise ArgumentError, text
    end
  end

  defp keys!(result) do
    for key <- done!(result), do: with(%Packed{payload: payload} <- key, do: value!(payload))
  end

  defp done!({:ok, result}), do: result
  defp done!({:error, "ValueError", text}), do: raise(ArgumentError, text)
  defp done!({:error, _, text}), do: raise(RuntimeError, text)
end
