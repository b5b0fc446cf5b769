defmodule Parity.Tree do
  @moduledoc false
  # What the rows of the table are made of.

  @doc "A tree of children a, b, c, unless others are given."
  def tree(options \\ []) do
    defaults = %{
      dynamic: false,
      strategy: :one_for_one,
      intensity: 3,
      period: 60,
      auto_shutdown: :never,
      children: [child("a"), child("b"), child("c")]
    }

    Map.merge(defaults, Map.new(options))
  end

  def dynamic(options \\ []) do
    defaults = %{dynamic: true, intensity: 3, period: 60, max_children: nil}
    Map.merge(defaults, Map.new(options))
  end

  def child(id, options \\ []) do
    defaults = %{id: id, restart: :permanent, shutdown: nil, significant: false, tree: nil}
    Map.merge(defaults, Map.new(options))
  end

  @doc "A child that may end the tree."
  def key(id, restart \\ :transient), do: child(id, restart: restart, significant: true)

  @doc "A tree of the one child a."
  def one(options), do: tree(children: [child("a", options)])

  @doc "The start of a tree of a, b and c, or of a alone; and a, crashed and restarted."
  def abc, do: {:start, ["start a", "start b", "start c", "started: ok"]}
  def a, do: {:start, ["start a", "started: ok"]}
  def crashed, do: ["stop a crash", "start a"]
end
