defmodule Rebeam.Operation.Moves do
  @moduledoc false
  # Actors that go on elsewhere: python/rebeam/_moves.py.
  @behaviour Rebeam.Operation

  alias Rebeam.Actor.Moving
  alias Rebeam.Moves

  @impl true
  def perform("move", [target, node], asker) do
    own = [asker.pid | Moving.before()]
    {:later, fn -> with({:ok, pid} <- Moves.find(target), do: move(pid, node, own)) end}
  end

  # Who waits for its own next message waits for ever.
  defp move(pid, node, [itself | _] = own),
    do: if(pid in own, do: Moves.move_later(itself, node), else: Moves.move(pid, node))
end
