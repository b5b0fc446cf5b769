defmodule Rebeam.Actor.Start do
  @moduledoc false
  # How the process of an actor begins: while its supervisor waits (`:sync`, as OTP has it), or
  # by itself (`:async`), for who started it at run time, or after a back-off.

  alias Rebeam.Child.{Backoff, Lineage, Restarts, Starter}
  alias Rebeam.Nodes

  @type how :: {:sync, reference} | {:async, delay :: non_neg_integer}

  @doc "Starts a process with `fun`, which gets what its init has to know."
  @spec link(keyword, (how -> result)) :: result | :ignore when result: term
  def link(options, fun) do
    mode = Starter.begin(options[:starter])
    delay = Backoff.delay(options[:backoff])

    cond do
      mode == :abandoned -> :ignore
      # What it was has moved, or is to end with its node.
      options[:restart] != nil and options[:arrives] == nil and Nodes.draining?() -> :ignore
      mode == :async or delay > 0 -> fun.({:async, delay})
      true -> Lineage.start(&fun.({:sync, &1}))
    end
    |> Restarts.started(options[:label])
  end

  @doc "In the process, first of all."
  @spec begin(how, String.t() | nil) :: :ok
  def begin({:sync, start}, label), do: Lineage.born(start, label)
  def begin({:async, _delay}, label), do: Lineage.born(nil, label)
end
