defmodule Rebeam.Registry.StoreTest do
  # Where entries are: what a failure of its processes leaves, and what nodes that take nothing do.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{Program, Registry}
  alias Rebeam.Registry.{Access, Store}

  defp partitions(name) do
    {^name, _kind, partitions} = Store.get(name)
    for {pid, _, _} <- Tuple.to_list(partitions), do: pid
  end

  defp owner, do: spawn(fn -> Process.sleep(:infinity) end)

  defp register(name, key, owner, value),
    do: Access.ask({name, nil, nil, nil}, :register, [key, owner, value, key])

  test "a partition that fails is started again, with its entries, and hears of their ends" do
    for {name, kind} <- [{"fails unique", :unique}, {"fails duplicate", :duplicate}] do
      Registry.new(name, keys: kind, partitions: 2)
      owners = for n <- 1..20, do: {n, owner()}
      for {n, pid} <- owners, do: {:ok, :ok} = register(name, n, pid, Rebeam.Value.pack!(n))
      before = partitions(name)
      {ends, lives} = Enum.split(owners, 5)

      for pid <- before, do: Process.exit(pid, :kill)
      for {_, pid} <- ends, do: Process.exit(pid, :kill)

      wait_until(fn -> Enum.all?(partitions(name), &(&1 not in before and Process.alive?(&1))) end)

      for {n, _} <- ends, do: assert(Registry.lookup(name, n) == [])
      for {n, pid} <- lives, do: assert(Registry.lookup(name, n) == [{pid, n}])
      wait_until(fn -> entries(name) == 15 end)
      for {_, pid} <- lives, do: Process.exit(pid, :kill)
      wait_until(fn -> entries(name) == 0 end)
      assert Registry.register(name, 1, "new") == :ok
      assert Registry.lookup(name, 1) == [{self(), "new"}]
    end
  end

  # In the tables, whoever lives.
  defp entries(name) do
    {^name, _, partitions} = Store.get(name)
    partitions |> Tuple.to_list() |> Enum.map(&:ets.info(elem(&1, 1), :size)) |> Enum.sum()
  end

  test "who looks into a registry that is not there yet does not make it" do
    name = "not there yet"

    assert {Registry.lookup(name, 1), Registry.keys(name), Registry.keys(name, self())} ==
             {[], [], []}

    assert {Registry.count(name), Registry.unregister(name, 1)} == {0, :ok}
    assert Registry.update_value(name, 1, & &1) == :error
    assert GenServer.whereis({:via, Registry, {name, 1}}) == nil
    assert Registry.new(name, keys: :duplicate, partitions: 2) == :ok
    for value <- 1..2, do: assert(Registry.register(name, 1, value) == :ok)
    assert Registry.count(name) == 2
  end

  test "what is no registry's name is said in words" do
    for name <- [:name, "", <<255>>, nil, {5, node()}],
        ask <- [&Registry.new/1, &Registry.keys/1, &Registry.register(&1, 1, 1)],
        do: assert_raise(ArgumentError, ~r/^a registry's name is a string/, fn -> ask.(name) end)
  end

  test "one that owns nothing is not monitored any more, nor is its node" do
    name = "monitors"
    Registry.new(name)
    monitors = fn -> name |> partitions() |> hd() |> Process.info(:monitors) |> elem(1) end
    for key <- ["a", "b"], do: :ok = Registry.register(name, key, 1)
    assert monitors.() == [process: self()]
    Registry.unregister(name, "a")
    assert monitors.() == [process: self()]
    Registry.unregister(name, "b")
    Registry.unregister(name, "b")
    assert monitors.() == []
  end

  @tag :slow
  test "many entries under one key, and many of one process, go as fast as others" do
    Registry.new("many", keys: :duplicate)
    one = owner()
    nil_value = Rebeam.Value.pack!(nil)
    owners = for _ <- 1..20_000, do: owner()
    for pid <- owners, do: {:ok, :ok} = register("many", "all", pid, nil_value)
    for n <- 1..20_000, do: {:ok, :ok} = register("many", n, one, nil_value)
    {microseconds, _} = :timer.tc(fn -> ended([one | owners]) end)
    # It would take minutes.
    assert microseconds < 20_000_000
    assert Registry.count("many") == 0
  end

  defp ended(owners) do
    for pid <- owners, do: Process.exit(pid, :kill)
    wait_until(fn -> entries("many") == 0 end)
  end

  @tag :slow
  test "a node that takes nothing holds up nobody who asks for what is here" do
    result =
      Program.elixir("""
      alias Rebeam.{BusyNode, Names.Global, Registry, Registry.Access}
      {far, _} = BusyNode.start()
      [one, other] = for _ <- 1..2, do: :erpc.call(far, :erlang, :spawn, [:timer, :sleep, [:infinity]])
      place = {"busy", nil, nil, nil}
      value = Rebeam.Value.pack!(1)
      register = fn key, pid -> Access.ask(place, :register, [key, pid, value, key]) end
      {:ok, :ok} = register.("one", one)
      undo = fn ->
        {:ok, :ok} = Access.ask(place, :unregister, ["other", other])
        Registry.unregister("busy", "here") && nil
      end
      go = BusyNode.stop(far)
      work = fn -> [
        register.("other", other),
        Registry.register("busy", "here", 2),
        Registry.lookup("busy", "here") == [{self(), 2}],
        (for key <- ["one", "other"], do: length(Registry.lookup("busy", key))),
        {Registry.count("busy"), Enum.sort(Registry.keys("busy"))}
      ] end
      # A busy machine may take as long as a node that is waited for, but not each time.
      soon = fn ->
        {time, results} = :timer.tc(work)
        if time < 1_000_000, do: results, else: undo.()
      end
      Enum.each(wait_until(soon), &IO.inspect/1)
      IO.inspect(Registry.register("busy", "other", 2) == {:error, {:already_registered, other}})
      {:error, "TimeoutError", _} = Access.ask({"busy", to_string(far), nil, nil}, :count, [], 100)
      IO.inspect(Global.register("busy", self()))
      go.()
      for pid <- [one, other], do: :erpc.call(far, :erlang, :exit, [pid, :kill])
      wait_until(fn -> Registry.keys("busy") == ["here"] end)
      wait_until(fn -> Registry.register("busy", "other", 3) == :ok end)
      # No name in the cluster waits for it.
      IO.inspect(Global.find("busy") == {:ok, self()})
      """)

    assert String.split(result.out, "\n", trim: true) == [
             "{:ok, :ok}",
             ":ok",
             "true",
             "[1, 1]",
             ~s({3, ["here", "one", "other"]}),
             "true",
             ":ok",
             "true"
           ]
  end
end
