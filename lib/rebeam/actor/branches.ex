defmodule Rebeam.Actor.Branches do
  @moduledoc false
  # The waits of an actor's asynchronous code: any number at once, beside the one that
  # Rebeam.Actor.Wait keeps for its run. The owner has them under `:branches`: each
  # wait by its number, and the number by what may end it, a monitor or a timer. Those that
  # are answered natively are settled afterwards.

  alias Rebeam.Actor.{Owner, Wait}
  alias Rebeam.Message.Watch

  @type t :: %{
          optional(pos_integer) => Wait.t(),
          optional(reference) => pos_integer
        }

  @doc "Starts one more: what asynchronous code asked for."
  @spec start(Owner.t(), pos_integer, tuple) :: Owner.t()
  def start(owner, sequence, operation), do: beside(owner, &Wait.start(&1, sequence, operation))

  @doc """
  The rest of what was left for later, as `Wait.here/3` does it. Nobody told whose it was: unless the
  run waits for just that, it goes on beside that.
  """
  @spec here(Owner.t(), pos_integer, (... -> Wait.result())) :: Owner.t()
  def here(%{wait: %{sequence: sequence}} = owner, sequence, rest),
    do: Wait.here(owner, sequence, rest)

  def here(owner, sequence, rest),
    do: owner |> settle(sequence) |> beside(&Wait.here(&1, sequence, rest))

  # Whatever wait `begin` begins, the run's stays what it is.
  defp beside(owner, begin) do
    begun = begin.(%{owner | wait: nil})
    put(%{begun | wait: owner.wait}, begun.wait)
  end

  @doc "It was answered natively, or its code waits no more."
  @spec settle(Owner.t(), pos_integer) :: Owner.t()
  def settle(owner, sequence) do
    case owner.branches do
      %{^sequence => wait} ->
        Wait.clear(wait)
        drop(owner, wait)

      _ ->
        owner
    end
  end

  @doc "The owner, with what the message did to its branches; `:unknown` if it is not theirs."
  @spec handle(term, Owner.t()) :: Owner.t() | :unknown
  def handle(_message, %{branches: branches}) when branches == %{}, do: :unknown

  def handle({:DOWN, monitor, :process, _, _} = down, owner), do: ended(down, monitor, owner)
  def handle({:timeout, timer, Watch} = over, owner), do: ended(over, timer, owner)

  def handle({[:"$rebeam", sequence | _actor], _answer} = reply, owner) do
    ended_by(reply, sequence, owner)
  end

  def handle(_message, _owner), do: :unknown

  defp ended(message, reference, owner) do
    case owner.branches do
      %{^reference => sequence} -> ended_by(message, sequence, owner)
      _ -> :unknown
    end
  end

  defp ended_by(message, sequence, owner) do
    case owner.branches do
      %{^sequence => wait} ->
        Wait.handle(message, %{owner | wait: wait})
        drop(owner, wait)

      _ ->
        :unknown
    end
  end

  @doc "What `Wait.about/1` says of each."
  @spec about(Owner.t()) :: [term]
  def about(%{branches: branches}),
    do: for({_, %Wait{} = wait} <- branches, do: Wait.about(wait))

  defp put(owner, nil), do: owner

  defp put(owner, %{sequence: sequence} = wait) do
    entries = [{sequence, wait} | Enum.map(ends(wait), &{&1, sequence})]
    %{owner | branches: Enum.into(entries, owner.branches)}
  end

  defp drop(owner, wait),
    do: %{owner | branches: Map.drop(owner.branches, [wait.sequence | ends(wait)])}

  # What may end it besides an answer.
  defp ends(%{watch: watch}), do: Enum.filter([watch.monitor, watch.timer], & &1)
end
