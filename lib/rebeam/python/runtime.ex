defmodule Rebeam.Python.Runtime do
  @moduledoc false
  # Python as the application has it: started once for the life of the VM, whoever asks, and ended
  # with the application.
  use GenServer

  alias Rebeam.Actor.Clients
  alias Rebeam.{Nodes, Output}
  alias Rebeam.Message.Loans
  alias Rebeam.Python.{Ending, Start}
  alias Rebeam.Value.Limits

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc """
  Starts Python as `python arguments...` would up to the script. The interpreter is
  found as `Rebeam.Python.find/1` says. Nothing is done if it has been started.
  """
  @spec start(keyword, [String.t()]) :: :ok | {:error, String.t()}
  def start(options, arguments) do
    GenServer.call(__MODULE__, {:start, options, arguments}, :infinity)
  catch
    :exit, {:noproc, _} -> {:error, "the application :rebeam is not started"}
  end

  @doc """
  Starts Python for Elixir code, if nobody did: without a script, under the interpreter of
  `python:`, here or in the environment of the application.
  """
  @spec ensure(keyword) :: :ok | {:error, String.t()}
  def ensure(options \\ []) do
    cond do
      Nodes.front?() -> ensure_on(options, &Nodes.main/0)
      options[:python] -> start([asked_by: "python"] ++ options, [])
      started?() -> :ok
      Start.begun?() -> start([], [])
      true -> start([python: Application.get_env(:rebeam, :python), asked_by: "python"], [])
    end
  end

  # The working folder of a front may have changed since its main node has one.
  defp ensure_on(options, main) do
    node = main.()
    options = Enum.map(options, &expanded/1)

    try do
      Nodes.ask(node, __MODULE__, :ensure, [options], :infinity)
    catch
      :error, {:erpc, :noconnection} -> ensure_on(options, fn -> Nodes.main_after(node) end)
    end
  rescue
    error in RuntimeError -> {:error, Exception.message(error)}
  end

  defp expanded({:script, path}) when is_binary(path), do: {:script, Path.expand(path)}
  defp expanded(option), do: option

  @doc "sys.argv, if Python was started before `arguments` were known; nil if it started with them."
  @spec argv([String.t()]) :: [String.t()] | nil
  def argv(arguments) do
    if :persistent_term.get({__MODULE__, :arguments}) == arguments,
      do: nil,
      else: with(["--" | argv] <- arguments, do: argv)
  end

  @doc "The handle that makes actors by their class's name (python/rebeam/_program/elixir.py)."
  @spec maker :: reference
  def maker, do: :persistent_term.get({__MODULE__, :maker})

  @doc "Which interpreter runs; nil before it is started."
  @spec executable :: Path.t() | nil
  def executable, do: :persistent_term.get({__MODULE__, :executable}, nil)

  @doc "The version of Python that runs."
  @spec version :: String.t()
  def version, do: :persistent_term.get({__MODULE__, :version})

  @doc "Whether it does."
  @spec started? :: boolean
  def started?, do: :persistent_term.get({__MODULE__, :maker}, nil) != nil

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    {:ok, nil}
  end

  @impl true
  def handle_call({:start, options, arguments}, _from, nil) do
    {:reply, start_once(options, arguments), nil}
  end

  @impl true
  def handle_info(_signal_or_late, nil), do: {:noreply, nil}

  # A program that the command runs has done this already, and halts without coming here.
  @impl true
  def terminate(_reason, nil) do
    if started?() and match?({:stopping, _}, :init.get_status()), do: Ending.python()
  end

  # What needs processes of the application comes before anything that uses Python.
  defp start_once(options, arguments) do
    with {:ok, python} <- Start.result(options, arguments),
         :ok <- if(started?(), do: :ok, else: Limits.install()) do
      Output.attach()
      Clients.attach()
      Loans.attach()
      for {key, value} <- python, do: :persistent_term.put({__MODULE__, key}, value)
      :ok
    end
  end
end
