defmodule Rebeam.Names.Speaker do
  @moduledoc false
  # Tells one other node what the server of the cluster's names says to it, in that order. It is
  # stopped in the server's place if the node takes nothing, and connects to one that was lost.

  alias Rebeam.Nodes

  @doc "One for that node, linked to the caller."
  @spec start_link(node, atom) :: pid
  def start_link(node, server), do: spawn_link(fn -> speak({server, node}) end)

  @spec say(pid, term) :: term
  def say(speaker, message), do: send(speaker, {:say, message})

  @doc "The same of what a later one of its kind makes needless."
  @spec beat(pid, term) :: term
  def beat(speaker, message), do: send(speaker, {:beat, message})

  defp speak(to) do
    receive do
      {:say, message} -> tell(to, message)
      {:beat, message} -> tell(to, newest(message))
    end

    speak(to)
  end

  defp tell({_, node} = to, message),
    do: :erlang.send(to, message, if(Nodes.left?(node), do: [:noconnect], else: []))

  defp newest(message) do
    receive do
      {:beat, newer} -> newest(newer)
    after
      0 -> message
    end
  end
end
