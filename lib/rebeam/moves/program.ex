defmodule Rebeam.Moves.Program do
  @moduledoc false
  # What a unit here has to know of this program before an actor comes to it from elsewhere: the main
  # interpreter says it, as it does for children that are started here.

  alias Rebeam.{Actor, Bytes}
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  @actor {"rebeam._program.arrivals", "Describer"}
  @timeout 60_000

  @doc "The digest of the program, for actors of that isolation."
  @spec digest(String.t()) :: {:ok, String.t()} | {:error, String.t()}
  def digest("shared"), do: with(:ok <- started(), do: {:ok, ""})
  def digest(_unit), do: with(:ok <- started(), do: ask())

  defp started do
    if Runtime.started?(), do: :ok, else: {:error, "no Python runs there"}
  end

  # As python/rebeam/_isolation.py makes it.
  defp request do
    actor = Codec.pack!({"actor", @actor, {{}, %{}}})
    Codec.pack!({"portable", %Bytes{data: actor}, nil})
  end

  # Another process is linked to it: it has come from another node.
  defp ask do
    Task.await(Task.async(&asked/0), @timeout)
  end

  defp asked do
    with {:ok, actor} <-
           Actor.start_link({Runtime.maker(), request()}, kind: :actor, label: "moves"),
         {:ok, packed} <- GenServer.call(actor, {:rebeam, "digest", Codec.pack!(nil)}, @timeout),
         {:ok, digest} <- Codec.unpack_message(packed) do
      Process.unlink(actor)
      Process.exit(actor, :shutdown)
      {:ok, digest}
    else
      {:error, payload} ->
        case Codec.unpack_message(payload) do
          {:ok, text} -> {:error, to_string(text)}
          _ -> {:error, "its units cannot be told what this program is"}
        end
    end
  end
end
