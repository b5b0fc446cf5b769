defmodule Rebeam.Units.Lender do
  @moduledoc false
  # On a worker machine, in the VM of `rebeam join`: offers it to a program, and answers its beats. All
  # else is the program's: it starts units here (pipe.ex), and ends them. They end as well when nothing was
  # heard from it for a lease: then it takes this machine for lost.

  alias Rebeam.Units.{Address, Machine, Pool}

  # How long the program may take to answer, in milliseconds.
  @patience 10_000
  # How long it may take to have all actors elsewhere when this machine leaves.
  @leaving 30_000

  @typedoc "Why it lends no more: the program ended, or this machine left; else what happened."
  @type over :: :ended | :left | {:refused, String.t()} | {:lost, String.t()}

  @doc """
  Lends this machine to the program of that node, to which this one is connected, until that is over.
  `say` gets what there is to say, `:leave` in the mailbox of the calling process ends it in order.
  """
  @spec lend(node, map, (String.t() -> term)) :: over
  def lend(main, offer, say) do
    flush(main)
    Node.monitor(main, true)
    offer = Map.merge(offer, %{node: node(), lender: self(), version: Machine.version()})

    with {:ok, terms} <- :erpc.call(main, Pool, :join, [offer], @patience),
         :ok <- Address.prepare_lent(terms.lent) do
      say.("#{node()} has joined #{main} with #{offer.workers} workers")
      serve(%{main: main, keeper: terms.keeper, lease: terms.lease, say: say, limit: terms.lease})
    else
      {:error, text} -> {:refused, text}
    end
  catch
    :error, {:erpc, reason} -> {:lost, "#{main} did not answer: #{reason}"}
    :error, {:exception, :undef, _} -> {:refused, "#{main} runs another version of this"}
    # It starts, or ends.
    :exit, {word, _} when word in [:exception, :signal] -> {:lost, "#{main} did not answer"}
  after
    Node.monitor(main, false)
  end

  # That it was lost before.
  defp flush(main) do
    receive do
      {:nodedown, ^main} -> flush(main)
    after
      0 -> :ok
    end
  end

  defp serve(%{main: main, limit: limit} = state) do
    receive do
      {:beat, keeper} ->
        :erlang.send(keeper, :beaten, [:nosuspend, :noconnect])
        serve(state)

      :leave ->
        send(state.keeper, :leave)
        Process.send_after(self(), :left, @leaving)
        serve(Map.put(state, :leaves?, true))

      :left ->
        :left

      :ended ->
        :ended

      {:failed, text} ->
        state.say.(text)
        serve(state)

      {:nodedown, ^main} ->
        lost(state, "#{main} is not connected any more")
    after
      limit ->
        # What is linked to it here ends with the connection.
        Node.disconnect(main)
        lost(state, "nothing was heard from #{main} for #{div(limit, 1000)} s")
    end
  end

  # Whoever leaves does not try again.
  defp lost(%{leaves?: true}, _text), do: :left
  defp lost(_state, text), do: {:lost, text}
end
