defmodule Rebeam.CLI.Signals do
  @moduledoc false
  # SIGTERM and SIGHUP shut the program down in order instead of stopping the VM.
  @behaviour :gen_event

  # The status that a shell gives a process which the signal ended.
  @statuses %{sigterm: 143, sighup: 129}

  @doc "Sends `{:signal, status}` to the caller from now on."
  @spec install :: :ok
  def install do
    default = {:erl_signal_handler, []}
    :ok = :gen_event.swap_handler(:erl_signal_server, default, {__MODULE__, self()})
    if hangup_ignored?(), do: :ok, else: :os.set_signal(:sighup, :handle)
  end

  # As nohup wants it. Signal n is bit n - 1 of the mask.
  defp hangup_ignored? do
    with {:ok, status} <- File.read("/proc/self/status"),
         [_, mask] <- Regex.run(~r/^SigIgn:\s*([0-9a-f]+)$/m, status) do
      rem(String.to_integer(mask, 16), 2) == 1
    else
      _ -> false
    end
  end

  @impl true
  def init({receiver, _from_default}), do: {:ok, receiver}

  @impl true
  def handle_event(signal, receiver) do
    if status = @statuses[signal], do: send(receiver, {:signal, status})
    {:ok, receiver}
  end

  @impl true
  def handle_call(_request, receiver), do: {:ok, :ok, receiver}
end
