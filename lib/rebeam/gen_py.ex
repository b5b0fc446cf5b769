defmodule Rebeam.GenPy do
  @moduledoc ~S'''
  One Python actor as a child of an Elixir supervisor.

      children = [
        {Rebeam.GenPy, {"shop.stock", "Stock", [100], %{"unit" => "piece"}}},
        {Rebeam.GenPy, {{"counters", "Counter", [1]}, name: "counter", path: "priv/python"}}
      ]

  The actor is given as `{module, class, args, kwargs}`, the last two of which may be left
  out: the class of that name in that module, called with these arguments. A restart builds a
  fresh object from them. Python is started on demand, as `Rebeam` says.

  The module is imported as by `import`: from `sys.path`, in front of which `:path` puts
  folders, else `config :rebeam, path: ...` does. Only functions of modules in these folders
  (and beside scripts) are suspended while they wait; those of installed packages hold a thread.

      iex> folder = Path.join(System.tmp_dir!(), "rebeam_doc")
      iex> File.mkdir_p!(folder)
      iex> File.write!(Path.join(folder, "doc_stock.py"), """
      ...> from rebeam import GenPy, receive
      ...>
      ...> class Stock(GenPy):
      ...>     def __init__(self, count, unit="piece"):
      ...>         self.count, self.unit = count, unit
      ...>     @receive("take")
      ...>     def take(self, message):
      ...>         self.count -= message
      ...>         return f"{self.count} {self.unit}s left"
      ...> """)
      iex> {:ok, stock} = Rebeam.GenPy.start_link({"doc_stock", "Stock", [100]}, path: folder)
      iex> Rebeam.call(stock, "take", 3)
      {:ok, "97 pieces left"}
      iex> Process.flag(:trap_exit, true)
      iex> {:error, {error, []}} = Rebeam.GenPy.start_link({"doc_stock", "Shop"}, path: folder)
      iex> error.message
      "module 'doc_stock' has no 'Shop' (its actors: Stock)"
  '''

  alias Rebeam.{Actor, Nodes, Options}
  alias Rebeam.Front.StandIn
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  @typedoc "The keys of `kwargs` are the parameters' names, as strings or atoms."
  @type actor ::
          {module :: String.t(), class :: String.t()}
          | {module :: String.t(), class :: String.t(), args :: [term]}
          | {module :: String.t(), class :: String.t(), args :: [term], kwargs :: map | keyword}

  @type option ::
          {:name, String.t() | GenServer.name()}
          | {:path, Path.t() | [Path.t()]}
          | {:python, Path.t() | nil}
          | {:id, term}
          | {:restart, :permanent | :transient | :temporary}
          | {:shutdown, timeout | :brutal_kill}
          | {:significant, boolean}

  @options [:name, :path, :python]
  @child_options [:id, :restart, :shutdown, :significant]

  @doc """
  An actor as a child, alone or with options: those of `start_link/2`, and of the child
  specification `:id` (default: the name, else `{Rebeam.GenPy, module, class}`), `:restart`
  (`:permanent`), `:shutdown` (5 seconds) and `:significant`.

      iex> Rebeam.GenPy.child_spec({{"m", "C", []}, name: "c", restart: :transient})
      %{
        id: "c",
        restart: :transient,
        start: {Rebeam.GenPy, :start_link, [{"m", "C", []}, [name: "c"]]}
      }
  """
  @spec child_spec(actor | {actor, [option]}) :: Supervisor.child_spec()
  def child_spec({actor, options}) when is_tuple(actor) and is_list(options) do
    Options.check!(options, @options ++ @child_options)
    {module, class, _, _} = check(actor)
    {child, options} = Keyword.split(options, @child_options)

    %{
      id: options[:name] || {__MODULE__, module, class},
      start: {__MODULE__, :start_link, [actor, options]}
    }
    |> Map.merge(Map.new(child))
  end

  def child_spec(actor), do: child_spec({actor, []})

  @doc """
  Starts an actor, linked to the caller.

    * `:name` - a string registers it for Python and Elixir; else what `GenServer` takes
    * `:path` - a folder, or a list of folders, for `sys.path`
    * `:python` - as for `Rebeam.start_link/1`

  What Python raises, in the import, the constructor or `@start`, is
  `{:error, {%Rebeam.PythonError{}, []}}`, with type, message and traceback, and is logged. A caller
  that does not trap exits ends with it, as with any `start_link`.
  """
  @spec start_link(actor, [option]) :: GenServer.on_start()
  def start_link(actor, options \\ []) do
    Options.check!(options, @options)
    check(actor)
    options = Keyword.put(options, :path, folders(options))
    if Nodes.front?(), do: start_away(actor, options), else: start_here(actor, options)
  end

  defp start_away(actor, options),
    do:
      StandIn.start(&GenServer.start_link/3, {__MODULE__, :start_link}, [actor], options, :actor)

  defp start_here(actor, options) do
    {module, class, args, kwargs} = check(actor)
    request = {"class", module, class, args, kwargs, options[:path]}

    with :ok <- Runtime.ensure(python: options[:python]) do
      start({Runtime.maker(), Codec.pack!(request)}, "#{module}.#{class}", options[:name])
    end
  end

  defp start(recipe, _class, name) when is_binary(name) do
    Actor.start_link(recipe, kind: :actor, label: name, name: name)
  end

  defp start(recipe, class, name) do
    server = if name, do: [name: name], else: []
    Actor.start_link(recipe, [kind: :actor, label: class], server)
  end

  defp folders(options) do
    folders = Keyword.get(options, :path) || Application.get_env(:rebeam, :path, [])
    folders |> List.wrap() |> Enum.map(&Path.expand/1)
  end

  defp check({module, class}), do: check({module, class, [], %{}})
  defp check({module, class, args}), do: check({module, class, args, %{}})

  defp check({module, class, args, kwargs})
       when is_binary(module) and is_binary(class) and is_list(args) and
              (is_map(kwargs) or is_list(kwargs)) do
    {module, class, args, Map.new(kwargs, &parameter/1)}
  end

  defp check(other) do
    raise ArgumentError,
          "an actor is {module, class, args, kwargs}, such as " <>
            ~s({"shop", "Stock", [1], %{"unit" => "piece"}}, not ) <> inspect(other)
  end

  defp parameter({name, value}) when is_binary(name), do: {name, value}

  defp parameter({name, value}) when is_atom(name) and not is_nil(name),
    do: {Atom.to_string(name), value}

  defp parameter(other) do
    raise ArgumentError, "kwargs map names of parameters to values, not #{inspect(other)}"
  end
end
