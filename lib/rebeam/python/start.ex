defmodule Rebeam.Python.Start do
  @moduledoc false
  # Starts CPython, once in the life of the VM: a process that does nothing else, so that it goes on
  # beside the start of Elixir's applications, which need not be there.
  #
  #   begin --> find the interpreter --> open libpython --> load the native library --> initialise
  #   result <------------------------------------------------------------------------- ready
  #
  # After an error it can be begun again, with another interpreter, unless CPython itself failed.
  use GenServer

  alias Rebeam.{Loader, Native, Python}
  alias Rebeam.Message.Debug

  @begun {__MODULE__, :begun}

  @typedoc "`maker` makes actors by their class's name (python/rebeam/_program/elixir.py)."
  @type started :: %{
          executable: Path.t(),
          version: String.t(),
          arguments: [String.t()],
          maker: reference
        }

  @doc """
  Begins to start Python as `python arguments...` would up to the script. The interpreter is found
  as `Rebeam.Python.find/1` says. Nothing is done if it has been begun.
  """
  @spec begin(keyword, [String.t()]) :: :ok
  def begin(options, arguments) do
    _ = GenServer.start(__MODULE__, {options, arguments}, name: __MODULE__)
    :ok
  end

  @doc "Whether somebody did."
  @spec begun? :: boolean
  def begun?, do: Process.whereis(__MODULE__) != nil

  @doc "Waits for Python to be ready, and begins if nobody did."
  @spec result(keyword, [String.t()]) :: {:ok, started} | {:error, String.t()}
  def result(options, arguments) do
    begin(options, arguments)

    with {:ok, started} <- GenServer.call(__MODULE__, :result, :infinity),
         :ok <- same(started, options),
         do: {:ok, started}
  end

  # The same without having to ask which one is meant, if nobody said.
  defp same(started, options) do
    with path when path != nil <- options[:python],
         {:ok, %{executable: other}} when other != started.executable <- Python.find(options) do
      {:error, "#{started.executable} runs in this VM already: #{other} cannot run beside it"}
    else
      {:error, text} -> {:error, text}
      _ -> :ok
    end
  end

  @impl true
  def init(start), do: {:ok, start, {:continue, :start}}

  @impl true
  def handle_continue(:start, {options, arguments}) do
    {:noreply, start(options, arguments)}
  end

  @impl true
  def handle_call(:result, _from, {:ok, _} = started), do: {:reply, started, started}
  def handle_call(:result, _from, error), do: {:stop, :normal, error, error}

  # Until a script has them, signals are for who started Python.
  @impl true
  def handle_info(_signal, state), do: {:noreply, state}

  defp start(options, arguments) do
    Debug.install()
    # The native part looks once (c_src/actor/direct.h); units have this VM's environment.
    if Application.get_env(:rebeam, :direct) == false, do: System.put_env("REBEAM_DIRECT", "no")

    with {:ok, python} <- Python.find(options),
         :ok <- alone(),
         :ok <- Loader.open(python.libpython),
         :ok <- Native.ensure() do
      initialise(python, arguments)
    end
  end

  # Two in one OS process would end it. What this process has begun is known below.
  defp alone do
    with false <- :persistent_term.get(@begun, false), {:error, path} <- Loader.embedded() do
      {:error,
       "#{path} runs in this VM already, started by another library that embeds Python " <>
         "(Pythonx, for example): two cannot be in one OS process. With `config :rebeam, " <>
         "python_host: :process` Re:BEAM has an OS process of its own for its Python"}
    else
      _ -> :ok
    end
  end

  defp initialise(python, arguments) do
    :persistent_term.put(@begun, true)

    case Native.python_start([python.executable | arguments], package_folder()) do
      :ok -> await_ready(Map.take(python, [:executable, :version]), arguments)
      :ready -> {:error, "Python did not start before, and cannot be tried again"}
      :error -> {:error, "no thread could be started for Python"}
    end
  end

  defp await_ready(python, arguments) do
    receive do
      {:"$rebeam", :ready, maker} ->
        {:ok, Map.merge(python, %{arguments: arguments, maker: maker})}

      {:"$rebeam", :failed, text} ->
        {:error, "Python did not start: #{text}"}
    end
  end

  # The folder that holds the `rebeam` package.
  defp package_folder, do: Path.join(List.to_string(:code.priv_dir(:rebeam)), "python")
end
