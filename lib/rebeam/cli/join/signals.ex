defmodule Rebeam.CLI.Join.Signals do
  @moduledoc false
  # SIGTERM, in a VM that has no Python: OTP's own handler would end it at once.
  @behaviour :gen_event

  @doc "From now on that process is sent `:leave`."
  @spec tell(pid) :: :ok
  def tell(pid) do
    :os.set_signal(:sigterm, :handle)
    handler = {:erl_signal_handler, []}
    :ok = :gen_event.swap_handler(:erl_signal_server, handler, {__MODULE__, pid})
  end

  @impl true
  def init({pid, _of_the_other}), do: {:ok, pid}

  @impl true
  def handle_event(:sigterm, pid) do
    send(pid, :leave)
    {:ok, pid}
  end

  def handle_event(_other, pid), do: {:ok, pid}

  @impl true
  def handle_call(_request, pid), do: {:ok, {:error, :no_call}, pid}
end
