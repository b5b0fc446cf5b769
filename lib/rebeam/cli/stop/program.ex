defmodule Rebeam.CLI.Stop.Program do
  @moduledoc false
  # The program's side of `rebeam stop`: who waits for its end is in the mailbox of the process that
  # runs it, which looks there when it knows the status.

  # That a status was heard may take so long on its way, in milliseconds.
  @heard_limit 500

  @doc "The calling process runs the program."
  @spec begin :: true
  def begin, do: Process.register(self(), __MODULE__)

  @doc "Has this program end, and tell that process. False if nobody here runs one."
  @spec ask(pid) :: boolean
  def ask(from) do
    with runner when is_pid(runner) <- Process.whereis(__MODULE__) do
      send(runner, {:tell_end, from})
      # The script's own handler of the signal, if it has one, is to hear of it.
      spawn(fn -> :os.cmd(~c"kill -TERM #{System.pid()}") end)
      true
    else
      nil -> false
    end
  end

  @doc "In the process that runs it, which has got what `ask/1` sent: tells who waits for its end."
  @spec tell(0..255) :: :ok
  def tell(status) do
    receive do
      {:tell_end, from} ->
        monitor = Process.monitor(from)
        send(from, {:ended, self(), status})

        receive do
          {:heard, ^from} -> tell(status)
          {:DOWN, ^monitor, _, _, _} -> tell(status)
        after
          @heard_limit -> tell(status)
        end
    after
      0 -> :ok
    end
  end
end
