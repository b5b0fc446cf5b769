defmodule Rebeam.Session do
  @moduledoc ~S'''
  Python code that Elixir evaluates, in a prompt, a notebook or a test, with names that stay from one
  piece of code to the next.

      iex> {:ok, session} = Rebeam.Session.start_link()
      iex> Rebeam.eval("import math\ndef area(r): return round(math.pi * r ** 2, 2)", [], session: session)
      {:ok, nil}
      iex> Rebeam.eval("area(radius)", [radius: 2], session: session)
      {:ok, 12.57}
      iex> Rebeam.eval("area(radius + 1)", [], session: session)
      {:ok, 28.27}
      iex> Rebeam.stop(session)
      :ok

  A session is an actor: it evaluates one piece of code at a time, what it prints goes to the group
  leader of who started it, and its functions and the classes of actors that it defines suspend as
  those of a script do. A `Supervisor` that the code makes is started when the code is over, and lives
  on as what `run_register_process` starts does. What the code raises ends no session.
  '''

  alias Rebeam.{Actor, Nodes, Options}
  alias Rebeam.Front.StandIn
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  @options [:name, :python, :script]

  @typedoc """
  `name` is a string, or what `GenServer` takes; `python` as for `Rebeam.start_link/1`. With `script`, the
  path of a script whose body has run, the names are that script's own.
  """
  @type option ::
          {:name, String.t() | GenServer.name()}
          | {:python, Path.t() | nil}
          | {:script, Path.t() | nil}

  @doc "A session as a child, with the options of `start_link/1`."
  @spec child_spec([option]) :: Supervisor.child_spec()
  def child_spec(options) do
    Options.check!(options, @options)
    %{id: options[:name] || __MODULE__, start: {__MODULE__, :start_link, [options]}}
  end

  @doc "Starts a session, linked to the caller."
  @spec start_link([option]) :: GenServer.on_start()
  def start_link(options \\ []) do
    Options.check!(options, @options)

    if Nodes.front?(), do: start_away(options), else: start_here(options)
  end

  defp start_away(options),
    do: StandIn.start(&GenServer.start_link/3, {__MODULE__, :start_link}, [], options, :actor)

  defp start_here(options) do
    with :ok <- Runtime.ensure(python: options[:python]) do
      request = if script = options[:script], do: {"session", script}, else: {"session"}
      recipe = {Runtime.maker(), Codec.pack!(request)}
      start(recipe, options[:name])
    end
  end

  defp start(recipe, name) when is_binary(name),
    do: Actor.start_link(recipe, kind: :actor, label: name, name: name)

  defp start(recipe, name),
    do:
      Actor.start_link(
        recipe,
        [kind: :actor, label: "session"],
        if(name, do: [name: name], else: [])
      )
end
