defmodule Rebeam.Python.Ending do
  @moduledoc false
  # The steps of an orderly end, for each VM that has Python: that of a program, of a unit, and one
  # that stops with Elixir's applications.

  alias Rebeam.Native

  # Python's at-exit work (threads, atexit, files) has deadlines of its own, which are less
  # (python/rebeam/_program/finish.py), but for what is stuck in C. In milliseconds.
  @python_timeout 9_000
  @flush_tries 1_000

  @doc "How long `python/1` waits at most."
  @spec python_timeout :: pos_integer
  def python_timeout, do: @python_timeout

  @doc "Ends what Python started outside its trees, in so many milliseconds at most."
  @spec processes(pos_integer) :: term
  def processes(timeout) do
    bounded(timeout, fn ->
      for supervisor <- [Rebeam.Tasks.Spawned, Rebeam.Processes],
          do: Supervisor.terminate_child(Rebeam.Supervisor, supervisor)
    end)
  end

  @doc "Runs `fun`, but not for ever."
  @spec bounded(pos_integer, (... -> term)) :: term
  def bounded(timeout, fun) do
    task = Task.async(fun)
    Task.yield(task, timeout) || Task.shutdown(task, :brutal_kill)
  end

  @doc "Has Python do its at-exit work. The status that it asks for; 0 if it took too long."
  @spec python :: 0..255
  def python do
    Native.python_finish()

    receive do
      {:"$rebeam", :exited, status} -> status
    after
      @python_timeout -> 0
    end
  end

  @doc """
  Waits for what was logged and printed to be written. The VM may write on another thread; what
  it has not written yet is in the port's queue.
  """
  @spec flush :: :ok
  def flush do
    Rebeam.Message.Records.flush()
    Logger.flush()
    Rebeam.VM.Logging.flush()
    flush_ports()
  end

  @doc "The ports' part of that. A question comes behind what was sent to a port before."
  @spec flush_ports :: :ok
  def flush_ports, do: Enum.each(Port.list(), &flush_port(&1, @flush_tries))

  defp flush_port(_port, 0), do: :ok

  defp flush_port(port, tries) do
    case Port.info(port, :queue_size) do
      {:queue_size, size} when size > 0 ->
        Process.sleep(1)
        flush_port(port, tries - 1)

      _ ->
        :ok
    end
  end
end
