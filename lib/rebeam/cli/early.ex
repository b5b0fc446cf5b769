defmodule Rebeam.CLI.Early do
  @moduledoc false
  # Does something while the VM's kernel still starts: as soon as there are files, and modules can be
  # loaded. What goes wrong so early, whoever wants the result does again.

  @servers [:code_server, :file_server_2]

  @doc "Begins to run `fun`, in a process that keeps the result."
  @spec start((() -> term)) :: pid
  def start(fun) do
    :erlang.spawn(fn ->
      :erlang.register(__MODULE__, self())
      await(@servers)
      result = fun.()
      receive(do: ({:result, from} -> :erlang.send(from, {__MODULE__, result})))
    end)
  end

  # Nothing tells that they are there.
  defp await([]), do: :ok

  defp await([server | rest] = servers) do
    if :erlang.whereis(server) == :undefined,
      do: receive(after: (1 -> await(servers))),
      else: await(rest)
  end

  @doc "What it came to; nil if nobody began, or it failed. To be asked for once."
  @spec result :: term
  def result do
    with pid when is_pid(pid) <- :erlang.whereis(__MODULE__) do
      monitor = Process.monitor(pid)
      send(pid, {:result, self()})

      receive do
        {__MODULE__, result} -> result
        {:DOWN, ^monitor, :process, _, _} -> nil
      end
    else
      :undefined -> nil
    end
  end
end
