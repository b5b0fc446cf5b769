defmodule Rebeam.NamesTest do
  # Local names: by `name=`, by child(name=...), by register.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @cluster [
    "None None True",
    ~s(ValueError: the name "größe" is taken ValueError: the name),
    "True (None, (<Status.DOWN: 'down'>, 'noproc'))",
    "None [] ['größe'] None",
    "True None ['größe', 'second']",
    "['second'] None (<Status.OK: 'ok'>, 'here')",
    "None (<Status.DOWN: 'down'>, 'noproc') ['second']",
    "None True",
    "ValueError: scope must be 'local' or 'cluster', not 'everywhere'",
    "ValueError: scope must be 'local' or 'cluster', not None",
    "TypeError: a name must be a non-empty str, not '' " <>
      "TypeError: a global name must be a non-empty str, not 5 " <>
      "ValueError: scope must be 'local' or 'cluster', not 'x'"
  ]

  test "an attribute `name` and child(name=...) register the process" do
    assert Program.lines!("names/attribute_name_and_child.py") == [
             "True [True, 'by attribute']",
             "True [True, None]",
             "True [True, 'by class']",
             "True [True, 'attribute']",
             "True [True, 'inner']",
             "None None [True, None] True",
             "['by attribute', 'by child', 'by class', 'größe 日本 \\u2028', 'outer']"
           ]
  end

  test "register, whereis, unregister" do
    assert Program.lines!("names/register_whereis_unregister.py") == [
             "None registered True",
             "True True",
             "True",
             "None True ['second']",
             "registered registered True",
             "down",
             "['x', 'y'] (<Status.DOWN: 'down'>, 'noproc')",
             "TypeError",
             "TypeError",
             "TypeError"
           ]
  end

  test "no message by a name comes to a process of Erlang's or Elixir's own" do
    assert Program.lines!("names/names_of_the_system.py") == [
             "init None False (<Status.DOWN: 'down'>, 'noproc')",
             "logger None False (<Status.DOWN: 'down'>, 'noproc')",
             "code_server None False (<Status.DOWN: 'down'>, 'noproc')",
             "elixir_config None False (<Status.DOWN: 'down'>, 'noproc')",
             "(<Status.OK: 'ok'>, 'kept')"
           ]
  end

  test "a restart registers the name again, a taken one is a start failure" do
    assert Program.out!("names/restart_registers_the_name_again.py") == [
             "down",
             "False True False",
             "RuntimeError True True",
             "True"
           ]
  end

  @tag :slow
  test "a name that goes from one process to another is never taken for the first one's" do
    lines = Program.lines!("names/name_that_goes_from_one_process_to_another.py")

    assert lines == ["ok []"]
  end

  @tag :slow
  test "each module of the user's has the names as they are now; a plain script is as under python" do
    folder =
      Program.folder(%{
        "main.py" => "names/module_attributes.py",
        "plain.py" => "print(dir())",
        "plain_too.py" => "import plain; print(dir(plain))"
      })

    for isolation <- ["shared", "process"] do
      assert Program.lines!(Path.join(folder, "main.py"), args: [isolation]) == [
               "True <names in the cluster> <names in the program>",
               "0 [] False True None",
               "1 ['named'] True False True",
               "((['named'], True), True) 0",
               "['named', 'second'] ['second'] True",
               "['named', 'second']"
             ]
    end

    for script <- ["plain.py", "plain_too.py"] do
      {python, ours} = Program.both(Path.join(folder, script))
      assert python == ours
    end
  end

  @tag :slow
  test "words, names and numbers of a class of their own; what can be no name" do
    program = "names/words_of_a_class_of_their_own.py"
    surrogate = "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 0"
    no_one = "has duplicate keys: no one process belongs to a key of it"

    assert Program.lines!(program, options: ~w(--log-level none)) == [
             "True (2, Registry('name', keys='duplicate', partitions=2), " <>
               "[<class 'str'>, <class 'str'>, <class 'int'>])",
             "({True}, (True, False), []) ([1, 0], [1, 0, 0], {'name': 2})",
             "#{surrogate}: surrogates not allowed",
             "#{surrogate}: surrogates not allowed",
             "ValueError: scope must be 'local' or 'cluster', not 'here'",
             "ValueError: keys must be 'unique' or 'duplicate', not 'many'",
             "ValueError: when_full is \"drop\" or \"stop\", not 'wait'",
             "['b', 'name', 'stop']",
             "['c']",
             "[] child \\ud800 did not start: #{surrogate}: surrogates not allowed",
             ~s(child Anyone did not start: the registry "many" #{no_one}),
             ~s(child Anyone did not start: the registry "new" #{no_one}),
             "[1]"
           ]
  end

  @tag :slow
  test "names in the cluster" do
    assert Program.out!("names/cluster.py", args: ["shared"]) == @cluster
  end

  @tag :slow
  test "names in the cluster of processes in units" do
    assert Program.out!("names/cluster.py", args: ["process"]) == @cluster
  end

  @tag :slow
  test "two parts of a cluster bring the same name: one of both is ended, and is told why" do
    result =
      Program.elixir("""
      alias Rebeam.Names.Global
      :ok = Rebeam.OwnNode.start("near", :longnames)
      paths = Enum.map(:code.get_path(), &to_string/1)
      flags = Enum.map(["-setcookie", "\#{Node.get_cookie()}", "-pa" | paths], &to_charlist/1)
      node = %{name: :"far_#{System.pid()}", host: ~c"127.0.0.1", longnames: true, args: flags}
      {:ok, peer, far} = :peer.start_link(Map.put(node, :connection, :standard_io))
      {:ok, _} = :peer.call(peer, :application, :ensure_all_started, [:rebeam], :infinity)
      there = :peer.call(peer, :erlang, :spawn, [:timer, :sleep, [:infinity]])
      :ok = :peer.call(peer, Global, :register, ["same", there], :infinity)
      here = spawn(:timer, :sleep, [:infinity])
      :ok = Global.register("same", here)
      true = Node.connect(far)
      for pid <- [here, there], do: Process.monitor(pid)

      receive do
        {:DOWN, _, :process, pid, reason} ->
          [kept] = [here, there] -- [pid]
          find = fn -> [Global.find("same"), :peer.call(peer, Global, :find, ["same"], :infinity)] end
          wait_until(fn -> find.() == [{:ok, kept}, {:ok, kept}] end)
          {:shutdown, "the name \\"same\\" is lost to " <> _} = reason
          # What the other node logs comes from there, as long as this one runs.
          :peer.call(peer, Logger, :flush, [], :infinity)
          IO.inspect(Global.register("same", self()) == {:error, {:already_registered, kept}})
      end
      """)

    # Standard output and the log come by different ways, so in either order.
    assert %{status: 0} = result
    assert result.out =~ ~r/^true$/m
    assert result.out =~ ~r/ends: the name "same" is lost to #PID/
  end
end
