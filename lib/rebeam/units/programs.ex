defmodule Rebeam.Units.Programs do
  @moduledoc false
  # What units have to know of the program before children start in them: sys.path, the definitions
  # of its scripts, and so on, as bytes for the unit's Python, with their digest. The main node keeps
  # the newest: it has all scripts of those before it, and what else is in it is what holds now.
  use GenServer

  alias Rebeam.Nodes

  @type t :: {digest :: String.t(), binary}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @spec put(String.t(), binary) :: :ok
  def put(digest, program), do: ask({:put, digest, program})

  @doc "Nil before the first."
  @spec newest :: t | nil
  def newest, do: ask(:newest)

  @doc """
  On the main node: the digest of what a child takes now that was described with that one. A restart
  does not bring back what the program had around it when the child was first started.
  """
  @spec current(String.t()) :: String.t()
  def current(digest), do: with({newest, _} <- newest(), do: newest, else: (nil -> digest))

  defp ask(request), do: Nodes.on_main(GenServer, :call, [__MODULE__, request])

  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call({:put, digest, program}, _from, _older),
    do: {:reply, :ok, {digest, :binary.copy(program)}}

  def handle_call(:newest, _from, newest), do: {:reply, newest, newest}
  def handle_call(_request, _from, newest), do: {:reply, {:error, :not_a_rebeam_call}, newest}

  @impl true
  def handle_cast(_message, newest), do: {:noreply, newest}

  @impl true
  def handle_info(_message, newest), do: {:noreply, newest}
end
