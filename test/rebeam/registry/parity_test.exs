defmodule Rebeam.Registry.ParityTest do
  # The same steps with Elixir's own Registry and with Python's: each comes to the same.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}
  import Rebeam.Waiting

  # A verb, and for what an owner does, which; "_" in a pattern is anything.
  @unique [
    ["lookup", "k"],
    ["count"],
    ["keys", "a"],
    ["register", "a", "k", 1],
    ["register", "b", "k", 2],
    ["register", "a", "k", 3],
    ["lookup", "k"],
    ["register", "a", "l", [1, 2]],
    ["register", "b", "m", [1, 3]],
    ["count"],
    ["keys", "a"],
    ["keys", "b"],
    ["keys", "c"],
    ["match", "l", [1, "_"]],
    ["match", "l", ["_", 3]],
    ["match", "l", "_"],
    ["match", "l", ["_"]],
    ["match", "nothing", "_"],
    ["update", "a", "k", 10],
    ["update", "b", "k", 10],
    ["update", "a", "nothing", 10],
    ["lookup", "k"],
    ["dispatch", "k"],
    ["dispatch", "nothing"],
    ["unregister", "b", "k"],
    ["lookup", "k"],
    ["unregister", "a", "k"],
    ["unregister", "a", "k"],
    ["lookup", "k"],
    ["count"],
    ["register", "b", "k", 4],
    ["keys", "b"],
    ["end", "b"],
    ["lookup", "k"],
    ["lookup", "m"],
    ["count"],
    ["register", "c", "k", 5],
    ["register", "a", "m", 6],
    ["dispatch", "m"],
    ["end", "a"],
    ["end", "c"],
    ["count"]
  ]

  @duplicate [
    ["lookup", "k"],
    ["register", "a", "k", 1],
    ["register", "b", "k", 2],
    ["register", "a", "k", 1],
    ["register", "a", "k", 3],
    ["register", "c", "l", [1, 2]],
    ["register", "c", "l", [2, 2]],
    ["lookup", "k"],
    ["count"],
    ["keys", "a"],
    ["keys", "c"],
    ["match", "l", ["_", 2]],
    ["match", "l", [2, "_"]],
    ["match", "k", 1],
    ["match", "k", "_"],
    ["dispatch", "k"],
    ["dispatch", "nothing"],
    ["unregister", "b", "l"],
    ["lookup", "l"],
    ["unregister", "a", "k"],
    ["lookup", "k"],
    ["register", "a", "k", 7],
    ["lookup", "k"],
    ["end", "c"],
    ["lookup", "l"],
    ["count"],
    ["end", "a"],
    ["end", "b"],
    ["count"]
  ]

  @tag :slow
  test "unique keys" do
    assert same?(:unique, 1, @unique, "shared")
    assert same?(:unique, 3, @unique, "process")
  end

  @tag :slow
  test "duplicate keys" do
    assert same?(:duplicate, 1, @duplicate, "shared")
    assert same?(:duplicate, 1, @duplicate, "process")
  end

  @tag :slow
  @tag skip: InterpreterProgram.lacks_units()
  test "owners in interpreter units" do
    for python <- InterpreterProgram.pythons(),
        {keys, steps} <- [unique: @unique, duplicate: @duplicate],
        do: assert(same?(keys, 1, steps, "interpreter", ["--python", python.executable]))
  end

  test "keys as names" do
    [elixir, rebeam] =
      for module <- [Registry, Rebeam.Registry] do
        {unique, duplicate} = registries(module)

        # A start looks for the name first.
        start = fn -> Agent.start(fn -> 1 end, name: {:via, module, {duplicate, "k"}}) end
        whereis = fn -> module.whereis_name({duplicate, "k"}) end
        [of_name(module, {unique, "k"}), outcome(start), outcome(whereis)]
      end

    assert elixir == rebeam
    for _ <- 1..2, do: assert_received(:somebody)
  end

  defp registries(Registry) do
    names = Enum.map([:unique, :duplicate], &Module.concat([__MODULE__, "Names", "#{&1}"]))
    for name <- names, do: start_supervised!({Registry, keys: kind(name), name: name}, id: name)
    List.to_tuple(names)
  end

  defp registries(Rebeam.Registry) do
    Rebeam.Registry.new("names", keys: :unique)
    Rebeam.Registry.new("many names", keys: :duplicate)
    {"names", "many names"}
  end

  defp kind(name), do: name |> Module.split() |> List.last() |> String.to_existing_atom()

  # What each function that {:via, module, name} needs comes to.
  defp of_name(module, name) do
    steps = [
      fn -> module.whereis_name(name) end,
      fn -> module.send(name, :nobody) end,
      fn -> module.register_name(name, self()) end,
      fn -> module.register_name(name, self()) end,
      fn -> module.whereis_name(name) == self() end,
      fn -> module.send(name, :somebody) end,
      fn -> module.unregister_name(name) end,
      fn -> module.whereis_name(name) end
    ]

    for step <- steps, do: outcome(step)
  end

  defp outcome(step) do
    step.()
  rescue
    error -> error.__struct__
  end

  # Elixir's order is that of registration in one partition alone.
  defp same?(keys, partitions, steps, isolation, options \\ []) do
    python =
      Program.lines!("registry/steps.py",
        args: [Atom.to_string(keys), "#{partitions}", isolation],
        input: inspect(steps, limit: :infinity, charlists: :as_lists),
        options: options
      )

    expected = in_elixir(keys, partitions, steps)
    assert Enum.zip(steps, python) == Enum.zip(steps, expected)
    length(python) == length(steps)
  end

  # ---- Elixir's side -------------------------------------------------------------------------------

  defp in_elixir(keys, partitions, steps) do
    name = Module.concat(__MODULE__, "R#{System.unique_integer([:positive])}")
    start_supervised!({Registry, keys: keys, name: name, partitions: partitions}, id: name)

    owners = for owner <- ~w(a b c), into: %{}, do: {owner, elem(Agent.start(fn -> nil end), 1)}

    steps
    |> Enum.map(&step(&1, name, owners))
    |> Enum.map(&inspect(&1, limit: :infinity, charlists: :as_lists))
  end

  defp step(["lookup", key], registry, owners),
    do: shown(Registry.lookup(registry, key), owners)

  defp step(["match", key, pattern], registry, owners),
    do: registry |> Registry.match(key, pattern(pattern)) |> shown(owners)

  defp step(["dispatch", key], registry, owners) do
    Registry.dispatch(registry, key, &send(self(), {:dispatched, &1}))
    dispatched() |> shown(owners) |> Enum.sort()
  end

  defp step(["keys", owner], registry, owners),
    do: registry |> Registry.keys(owners[owner]) |> Enum.uniq() |> Enum.sort()

  defp step(["count"], registry, _owners), do: Registry.count(registry)

  defp step(["end", owner], registry, owners) do
    Agent.stop(owners[owner])
    wait_until(fn -> Registry.keys(registry, owners[owner]) == [] end)
    # What an owner had goes before the keys that it had: the rest is done when these answer.
    for {_, pid, _, _} <- Supervisor.which_children(registry), do: :sys.get_state(pid)
    "ended"
  end

  defp step([verb, owner, key | value], registry, owners) do
    case Agent.get(owners[owner], fn _ -> act(verb, registry, key, value) end) do
      {:ok, _} -> "ok"
      {:error, {:already_registered, pid}} -> ["taken", name(pid, owners)]
      {new, _old} -> new
      word -> Atom.to_string(word)
    end
  end

  defp act("register", registry, key, [value]), do: Registry.register(registry, key, value)
  defp act("unregister", registry, key, []), do: Registry.unregister(registry, key)

  defp act("update", registry, key, [amount]),
    do: Registry.update_value(registry, key, &(&1 + amount))

  defp dispatched do
    receive do
      {:dispatched, entries} -> entries ++ dispatched()
    after
      0 -> []
    end
  end

  defp pattern("_"), do: :_
  defp pattern(list) when is_list(list), do: Enum.map(list, &pattern/1)
  defp pattern(other), do: other

  defp shown(entries, owners), do: for({pid, value} <- entries, do: [name(pid, owners), value])
  defp name(pid, owners), do: Enum.find_value(owners, fn {name, each} -> each == pid && name end)
end
