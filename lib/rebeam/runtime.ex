defmodule Rebeam.Runtime do
  @moduledoc false
  # Brings CPython into this VM: finds the interpreter, opens its libpython, loads
  # the native library, starts Python's main thread. Once for the life of the VM.

  alias Rebeam.{Clients, Loader, Native, Python}

  @doc """
  Starts Python as `python arguments...` would up to the script. The interpreter is
  found as `Rebeam.Python.find/1` says.
  """
  @spec start(keyword, [String.t()]) :: :ok | {:error, String.t()}
  def start(options, arguments) do
    with {:ok, python} <- Python.find(options),
         :ok <- Loader.open(python.libpython),
         :ok <- load() do
      Clients.attach()
      initialise([python.executable | arguments])
    end
  end

  defp load do
    case Native.load() do
      :ok -> :ok
      {:error, {:reload, _}} -> :ok
      {:error, {_, text}} -> {:error, "the native library could not be loaded: #{text}"}
    end
  end

  defp initialise(arguments) do
    case Native.python_start(arguments, package_folder()) do
      :ok -> await_ready()
      :ready -> :ok
      :error -> {:error, "no thread could be started for Python"}
    end
  end

  defp await_ready do
    receive do
      {:"$rebeam", :ready} -> :ok
      {:"$rebeam", :failed, text} -> {:error, "Python did not start: #{text}"}
    end
  end

  # The folder that holds the `rebeam` package.
  defp package_folder, do: Application.app_dir(:rebeam, "priv/python")
end
