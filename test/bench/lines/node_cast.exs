{:module, module, binary, _} =
  defmodule Bench.There do
    use GenServer
    def start(name), do: GenServer.start(__MODULE__, nil, name: name)
    @impl true
    def init(nil), do: {:ok, nil}
    @impl true
    def handle_call(message, _from, state), do: {:reply, message, state}
    @impl true
    def handle_cast(_message, state), do: {:noreply, state}
  end

node = Bench.Turns.node([{module, binary}])
{:ok, echo} = :erpc.call(node, module, :start, [:echo])
Bench.Turns.serve(&Bench.Echo.casts(echo, &1))
