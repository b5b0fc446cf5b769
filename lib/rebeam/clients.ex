defmodule Rebeam.Clients do
  @moduledoc false
  # Acts for threads that run no actor: user threads, and code that CPython calls
  # back. Each wait gets a process of its own, so one cannot delay another.
  use GenServer

  alias Rebeam.{Native, Wait}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Tells the native part who acts. Call once the library is loaded."
  def attach, do: GenServer.call(__MODULE__, :attach)

  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call(:attach, _from, state), do: {:reply, Native.set_clients(), state}

  @impl true
  def handle_info({:"$rebeam", :client, native, sequence, operation}, state) do
    spawn(fn -> native |> Wait.start(sequence, operation) |> serve() end)
    {:noreply, state}
  end

  defp serve(nil), do: :ok

  defp serve(wait) do
    receive do
      message ->
        case Wait.handle(message, wait) do
          :unknown -> serve(wait)
          wait -> serve(wait)
        end
    end
  end
end
