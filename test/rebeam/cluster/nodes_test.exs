defmodule Rebeam.Cluster.NodesTest do
  # Nodes as Python sees them: nodes(), connect, disconnect, monitor_nodes.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{Program, Running}

  @driven "cluster/driven.py"
  @places ["a", "async", "unit", "-"]

  defp name, do: "n#{System.unique_integer([:positive])}-#{System.pid()}@127.0.0.1"

  defp cookie do
    path = %{"cookie" => "of this test"} |> Program.folder() |> Path.join("cookie")
    File.chmod!(path, 0o600)
    path
  end

  defp named(name, cookie, options \\ []),
    do: Running.start(@driven, options: ["--name", name, "--cookie-file", cookie] ++ options)

  @tag :slow
  test "a program alone: it has a name, and nobody to connect to" do
    program = Running.start(@driven)
    own = "'rebeam-#{program.pid}@127.0.0.1'"

    for who <- @places do
      assert Running.ask(program, "#{who} this_node(), nodes()") == "(#{own}, [])"

      assert Running.ask(program, "#{who} connect('a@b')") ==
               "RuntimeError: connect() needs a program with a name: --name NAME@HOST or --sname NAME"

      assert Running.ask(program, "#{who} disconnect('a@b')") == "False"
      assert Running.ask(program, "#{who} connect(5)") == "TypeError: a node must be a str, not 5"

      for wrong <- ["a", "a@", "@b", "a b@c", "a@b\\n", "a" <> String.duplicate("b", 255) <> "@c"] do
        assert Running.ask(program, "#{who} connect('#{wrong}')") =~
                 "ValueError: a node is called NAME@HOST, not "
      end

      assert Running.ask(program, "#{who} connect('a@b', 0)") ==
               "ValueError: timeout must be a number of seconds above 0, not 0"
    end

    assert Running.ask(program, "- monitor_nodes()") ==
             "RuntimeError: monitor_nodes() is for actors: here is nobody whose @info would get what it tells"

    # Its process units are seen as what they are.
    assert Running.ask(program, "a len(nodes(hidden=True)) >= 1") == "True"
    assert {143, []} = Running.stop(program)
  end

  @tag :slow
  test "who comes and goes is told, in all placements, once and in order" do
    [one, two, three] = names = for _ <- 1..3, do: name()
    cookie = cookie()
    first = named(one, cookie)

    for who <- ["a", "async", "unit"],
        do: assert(Running.ask(first, "#{who} monitor_nodes()") == "[]")

    assert Running.ask(first, "a monitor_nodes()") == "[]"
    assert Running.ask(first, "- connect('#{one}')") == "None"

    assert Running.ask(first, "unit connect('#{two}')") ==
             "ConnectionError: no node #{two |> String.split("@") |> hd()} is registered on 127.0.0.1"

    second = named(two, cookie, ["--connect", one])
    assert Running.ask(second, "- nodes()") == inspect([one]) |> quoted()
    for _ <- 1..3, do: Running.line(first, ~r/^NodeUp\(node='#{two}'\)$/)

    third = named(three, cookie)
    assert Running.ask(third, "unit connect('#{two}')") == "None"
    for _ <- 1..3, do: Running.line(first, ~r/^NodeUp\(node='#{three}'\)$/)

    for {program, own} <- [{first, one}, {second, two}, {third, three}], who <- @places do
      wait_until(fn ->
        Running.ask(program, "#{who} nodes()") == quoted(inspect(Enum.sort(names -- [own])))
      end)
    end

    assert Running.ask(first, "unit demonitor_nodes(), demonitor_nodes()") == "(True, False)"
    assert {143, _} = Running.stop(third)

    for _ <- 1..2,
        do: Running.line(first, ~r/^NodeDown\(node='#{three}', reason='connection_closed'\)$/)

    assert Running.ask(second, "async disconnect('#{one}'), disconnect('#{one}')") ==
             "(True, False)"

    for _ <- 1..2, do: Running.line(first, ~r/^NodeDown\(node='#{two}', reason='\w+'\)$/)

    for who <- ["a", "async"],
        do: assert(Running.ask(first, "- len(ask('#{who}', 'seen'))") == "4")

    assert Running.ask(first, "- ask('unit', 'seen')") ==
             "[NodeUp(node='#{two}'), NodeUp(node='#{three}')]"

    Running.stop(first)
    Running.stop(second)
  end

  defp quoted(text), do: String.replace(text, "\"", "'")

  @tag :slow
  test "hidden nodes are seen by who asks for them, and connect to nobody else" do
    [one, two, three] = for _ <- 1..3, do: name()
    cookie = cookie()
    first = named(one, cookie)
    second = named(two, cookie, ["--connect", one])
    # Who is connected to may know of it a moment later than who connects.
    wait_until(fn -> Running.ask(first, "- nodes()") == "['#{two}']" end)

    assert Running.ask(first, "a monitor_nodes(), monitor_nodes(hidden=True)[:1]") =~
             "(['#{two}'], ["

    third = named(three, cookie, ["--hidden", "--connect", one])
    Running.line(first, ~r/^NodeUp\(node='#{three}'\)$/)
    assert Running.ask(first, "- nodes()") == "['#{two}']"
    assert Running.ask(first, "- '#{three}' in nodes(hidden=True)") == "True"
    assert Running.ask(second, "- '#{three}' in nodes(hidden=True)") == "False"
    assert Running.ask(third, "- nodes(), '#{one}' in nodes(hidden=True)") == "([], True)"
    for program <- [first, second, third], do: Running.stop(program)
  end
end
