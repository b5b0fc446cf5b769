defmodule Rebeam.Units.Programs do
  @moduledoc false
  # What units have to know of the program before children start in them: sys.path, the definitions
  # of main.py, and so on, as bytes for the unit's Python. Kept on the main node under its digest.
  use GenServer

  alias Rebeam.Nodes

  @type t :: {digest :: String.t(), binary}

  # A body that changes its environment again and again makes as many programs.
  @kept 64

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @spec put(String.t(), binary) :: :ok
  def put(digest, program), do: ask({:put, digest, program})

  @doc "Instead of one that is too old, the newest: they differ in sys.path or the environment."
  @spec get(String.t()) :: binary
  def get(digest), do: ask({:get, digest})

  @doc "On the main node. Nil before the first."
  @spec newest :: t | nil
  def newest, do: GenServer.call(__MODULE__, :newest)

  @doc """
  On the main node: the digest of what a child takes now that was described with that one. A restart
  does not bring back what the program had around it when the child was first started.
  """
  @spec current(String.t()) :: String.t()
  def current(digest), do: with({newest, _} <- newest(), do: newest, else: (nil -> digest))

  defp ask(request), do: Nodes.on_main(GenServer, :call, [__MODULE__, request])

  @impl true
  def init(nil), do: {:ok, []}

  @impl true
  def handle_call({:put, digest, program}, _from, programs) do
    older = List.keydelete(programs, digest, 0)
    {:reply, :ok, Enum.take([{digest, :binary.copy(program)} | older], @kept)}
  end

  def handle_call({:get, digest}, _from, [newest | _] = programs) do
    {_, program} = List.keyfind(programs, digest, 0, newest)
    {:reply, program, programs}
  end

  def handle_call(:newest, _from, programs), do: {:reply, List.first(programs), programs}
  def handle_call(_request, _from, programs), do: {:reply, {:error, :not_a_rebeam_call}, programs}

  @impl true
  def handle_cast(_message, programs), do: {:noreply, programs}

  @impl true
  def handle_info(_message, programs), do: {:noreply, programs}
end
