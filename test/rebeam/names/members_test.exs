defmodule Rebeam.Names.MembersTest do
  # Who counts for the majority: of what nodes say, without nodes.
  use ExUnit.Case, async: true

  alias Rebeam.Names.Members

  @lease 10_000
  @own node()

  # What a node of that name says, with these members.
  defp said(name, ins, more) do
    view = Map.new(ins, &{&1, {:in, stamp(&1)}})
    base = %{node: name, incarnation: name, up: 0, lease: @lease, top: 0, at: 0}
    Map.merge(Map.put(base, :view, Map.put(view, name, {:in, stamp(name)})), Map.new(more))
  end

  defp stamp(name), do: name |> Atom.to_string() |> :erlang.phash2(1_000) |> Kernel.+(10)

  defp new(size \\ nil), do: Members.new(@lease, size, stamp(@own))

  defp hear(m, name, ins, more \\ []),
    do: m |> Members.heard(name, said(name, ins, more)) |> elem(0)

  defp answer(m, name, known \\ 0), do: Members.answered(m, name, Members.now(), known)
  defp members(m), do: m |> Members.members() |> Enum.sort()

  # This node, and others that all know of each other.
  defp cluster(others, size \\ nil) do
    all = [@own | others]
    Enum.reduce(others, new(size), fn name, m -> m |> hear(name, all) |> answer(name) end)
  end

  test "alone it is a majority, unless it is to be one of several" do
    assert Members.majority?(new())
    assert Members.quorum(new(3)) == 2
    refute Members.majority?(new(3))
  end

  test "who is met is taken in, and counts once it has answered" do
    m = new() |> hear(:a, [])
    assert members(m) == Enum.sort([@own, :a])
    refute Members.majority?(m)
    assert Members.majority?(answer(m, :a))
  end

  test "a part without a majority takes nobody in, and takes over what a larger one has" do
    m = cluster([:a, :b, :c, :d])
    assert Members.majority?(m)
    old = Members.now() - 2 * @lease

    silent = Enum.reduce([:a, :b, :c], m, fn name, m -> put_in(m.peers[name].asked, old) end)

    assert Enum.sort(Members.supporters(silent)) == Enum.sort([@own, :d])
    refute Members.majority?(silent)
    assert silent |> hear(:new, []) |> answer(:new) |> members() == members(m)
    all = [@own, :a, :b, :c, :d, :e]
    assert silent |> hear(:e, all) |> members() == Enum.sort(all)
  end

  test "who counts more nodes than this one does belongs to them" do
    m = cluster([:a, :b])
    other = put_in(m.peers[:a].ins, MapSet.new([@own, :a, :b, :x, :y]))
    assert Enum.sort(Members.supporters(other)) == Enum.sort([@own, :b])
  end

  test "another incarnation has forgotten what it promised, and counts once that is over" do
    m = cluster([:a, :b])
    {again, new?} = Members.heard(m, :a, said(:a, [@own, :a, :b], incarnation: 2))
    assert new?
    again = answer(again, :a)
    refute :a in Members.supporters(again)
    late = put_in(again.peers[:a].counts_from, Members.now())
    assert :a in Members.supporters(late)
  end

  test "with a size each counts only after a lease, and more nodes than that count too" do
    m = cluster([:a, :b, :c], 3)
    assert Members.quorum(m) == 3
    assert Members.supporters(m) == []
    grown = fn name, m -> put_in(m.peers[name].counts_from, Members.now()) end
    m = Enum.reduce([:a, :b, :c], %{m | started: Members.now() - 2 * @lease}, grown)
    assert Members.majority?(m)
  end

  test "up to which of its changes a majority has seen" do
    m = [:a, :b, :c, :d] |> cluster() |> answer(:a, 7) |> answer(:b, 5) |> answer(:c, 3)
    far = fn name, m -> put_in(m.peers[name].joined, Members.now() - @lease) end
    m = Enum.reduce([:a, :b, :c, :d], m, far)
    assert Members.supported(m) == 5
    assert Members.supported(put_in(m.peers[:a].asked, Members.now() - 3 * @lease)) == 3
    # Those that were just taken in have not answered yet.
    m = m |> hear(:e, [@own, :a, :b, :c, :d, :e]) |> hear(:f, [@own, :a, :b, :c, :d, :e, :f])
    assert Members.supported(m) == 5
  end

  test "who leaves, or is away for long while there is a majority, counts no more" do
    m = cluster([:a, :b])
    assert m |> Members.left(:a, 10_000) |> members() == Enum.sort([@own, :b])
    assert m |> Members.left(:a, 1) |> members() == members(m)
    gone = put_in(m.peers[:a].heard, Members.now() - 3_600_000)
    assert gone |> Members.forget(10_000) |> members() == Enum.sort([@own, :b])
    alone = put_in(gone.peers[:b].asked, Members.now() - 2 * @lease)
    alone = put_in(alone.peers[:a].asked, nil)
    assert alone |> Members.forget(10_000) |> members() == members(m)
    # It comes back with a newer word of itself.
    back = hear(Members.left(m, :a, 10_000), :a, [], view: %{a: {:in, 10_001}})
    assert members(back) == members(m)
  end
end
