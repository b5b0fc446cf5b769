defmodule Rebeam.Python.Runtime do
  @moduledoc false
  # Brings CPython into this VM: finds the interpreter, opens its libpython, loads
  # the native library, starts Python's main thread. Once for the life of the VM, so
  # one process does it, whoever asks.
  use GenServer

  alias Rebeam.{Loader, Native, Python}
  alias Rebeam.Actor.Clients
  alias Rebeam.Message.Loans
  alias Rebeam.Python.Ending
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
    if started?() and options[:python] == nil,
      do: :ok,
      else: options |> with_default() |> start([])
  end

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

  defp started?, do: :persistent_term.get({__MODULE__, :maker}, nil) != nil

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

  defp with_default(options) do
    python = options[:python] || Application.get_env(:rebeam, :python)
    Keyword.merge(options, python: python, asked_by: "python")
  end

  defp start_once(options, arguments) do
    with {:ok, python} <- Python.find(options),
         :ok <- same(python.executable),
         :ok <- Loader.open(python.libpython),
         :ok <- load(),
         :ok <- Limits.install() do
      Clients.attach()
      Loans.attach()
      initialise(python.executable, arguments)
    end
  end

  defp same(executable) do
    case :persistent_term.get({__MODULE__, :executable}, executable) do
      ^executable -> :ok
      other -> {:error, "#{other} runs in this VM already: #{executable} cannot run beside it"}
    end
  end

  defp load do
    case Native.load() do
      :ok -> :ok
      {:error, {:reload, _}} -> :ok
      {:error, {_, text}} -> {:error, "the native library could not be loaded: #{text}"}
    end
  end

  defp initialise(executable, arguments) do
    case Native.python_start([executable | arguments], package_folder()) do
      :ok -> await_ready(executable, arguments)
      :ready -> ready()
      :error -> {:error, "no thread could be started for Python"}
    end
  end

  defp await_ready(executable, arguments) do
    receive do
      {:"$rebeam", :ready, maker} ->
        :persistent_term.put({__MODULE__, :executable}, executable)
        :persistent_term.put({__MODULE__, :arguments}, arguments)
        :persistent_term.put({__MODULE__, :maker}, maker)

      {:"$rebeam", :failed, text} ->
        {:error, "Python did not start: #{text}"}
    end
  end

  # CPython cannot be started a second time.
  defp ready do
    if started?(),
      do: :ok,
      else: {:error, "Python did not start before, and cannot be tried again"}
  end

  # The folder that holds the `rebeam` package.
  defp package_folder, do: Application.app_dir(:rebeam, "priv/python")
end
