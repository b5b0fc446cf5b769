defmodule Rebeam.Tables.TableTest do
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterpreterProgram, Program}

  @moduletag :slow

  test "the same in the body, threads, functions, actors and units" do
    assert ["right " <> seen, "baseline"] =
             Program.lines!("tables/table/everywhere.py", args: ~w(shared process))

    assert seen ==
             "['actor process async', 'actor process plain', 'actor shared async', 'actor shared plain']"
  end

  if reason = InterpreterProgram.lacks_units(), do: @tag(skip: reason)

  test "the same in interpreters" do
    for python <- InterpreterProgram.pythons() do
      options = ["--python", python.executable]

      assert ["right " <> _, "baseline"] =
               Program.lines!("tables/table/everywhere.py",
                 args: ["interpreter"],
                 options: options
               )
    end
  end

  test "who may write: the owner, its heir, who opens it next" do
    program = "tables/table/owner_and_heir.py"
    assert Program.out!(program, args: ["shared"], options: ["--log-level", "none"]) == ["right"]
    assert Program.out!(program, args: ["process"], options: ["--log-level", "none"]) == ["right"]
  end

  test "who iterates while others write gets no row twice, and all that stay" do
    assert Program.lines!("tables/table/iterated_while_others_write.py") == ["right"]
  end

  test "large values are not copied, and are freed with their rows" do
    program = "tables/table/large_values_share_memory.py"
    file = Path.join(Program.folder(), "large")
    assert Program.lines!(program, args: ["", "shared", "process"]) == ["right"]
    assert Program.lines!(program, args: [file, "shared", "process"]) == ["right"]
  end

  test "random steps give what they give to a dict" do
    for {placements, options} <- placements() do
      seed = "#{:rand.uniform(1_000_000)}"
      args = ["60", seed | placements]

      assert {seed, Program.lines!("tables/table/as_dict.py", args: args, options: options)} ==
               {seed, ["right"]}
    end
  end

  test "conditions match what Python says of each row" do
    for {placements, options} <- placements() do
      seed = "#{:rand.uniform(1_000_000)}"
      args = ["120", seed, List.last(placements)]
      program = "tables/table/conditions_as_python.py"
      assert {seed, Program.lines!(program, args: args, options: options)} == {seed, ["right"]}
    end
  end

  defp placements do
    in_interpreters =
      if InterpreterProgram.lacks_units(),
        do: [],
        else:
          for(
            each <- InterpreterProgram.pythons(),
            do: {["interpreter"], ["--python", each.executable]}
          )

    [{~w(shared process), []} | in_interpreters]
  end

  test "what is wrong is said" do
    name = String.duplicate("x", 5000)
    lines = Program.lines!("tables/table/bad_input.py")

    assert Enum.map(lines, &String.replace(&1, ~r"/\S*/#{name}", "NAME")) == [
             "ValueError: type must be one of 'set', 'ordered_set', 'bag', not 'list'",
             "ValueError: type must be one of 'set', 'ordered_set', 'bag', not ['set']",
             "ValueError: durability='always' is for a table with a file: give file=",
             "TypeError: public must be True or False, not 'no'",
             "TypeError: heir must be a ProcessID, a registered name (str), a (name, node) tuple, " <>
               "a GlobalName or a Via, not 3",
             ~s(ValueError: heir of a table cannot be ""),
             "TypeError: read_concurrency must be True or False, not 2",
             "TypeError: expected str, bytes or os.PathLike object, not int",
             "TypeError: file must be a str or a path, not b'x'",
             "ValueError: file must be the path of a file, not ''",
             "ValueError: file must be the path of a file, not 'a\\x00b'",
             "OSError: NAME cannot be opened: File name too long",
             "OSError: /nowhere/x cannot be opened: No such file or directory",
             "ValueError: /dev/null is no file of a table, but of something else",
             "KeyError: 'age'",
             "ZeroDivisionError: division by zero",
             "TypeError: where takes a condition or a function, not Table.value",
             "TypeError: 'int' object is not iterable",
             "TypeError: startswith takes a str or bytes, not 5",
             "TypeError: a condition on rows has no truth of its own: join conditions with &, | and " <>
               "~, each in parentheses, in place of and, or, not and chained comparisons",
             "TypeError: Table.key has no truth of its own: compare it, as in Table.key == True, or " <>
               "give where() a function of key and value",
             "TypeError: unhashable type: 'list'",
             "TypeError: prefix must be a str, bytes or a tuple, not 5",
             "TypeError: range is for tables of type 'ordered_set'; this is a 'set'",
             "TypeError: value: cannot pickle '_thread.lock' object",
             "none of it",
             "TypeError: n must be an int, not '1'",
             "TypeError: default must be an int, not 1.5",
             "TypeError: Cannot hash a signaling NaN value",
             "7 {7: 7, 2777: 2777}",
             "3000",
             "3000"
           ]
  end

  test "a table of another node, by its name and node" do
    program = """
    from rebeam import GenPy, ProcessID, Supervisor, Table, receive

    class There(GenPy):
        def __init__(self):
            self.name = ProcessID().node[:4]
        @receive("make")
        def make(self):
            Table("far table").update({"a": [1], "n": 1})
        @receive("use")
        def use(self, node):
            table = Table("far table", node=node)
            table.put("b", {2})
            refused = []
            for name, settings in [("none", {}), ("far table", {"type": "bag"})]:
                try:
                    Table(name, node=node, **settings)
                except (LookupError, ValueError) as error:
                    refused.append(str(error))
            return table["a"], table.update_counter("n"), len(table), sorted(table), refused

    Supervisor([There(), There()][:1])
    """

    program =
      String.replace(
        program,
        "def use(self, node):",
        "def use(self, message):\n        node = message"
      )

    code = ~S"""
    there = wait_until(fn -> Rebeam.FarNode.whereis(far, "nono") || Rebeam.FarNode.whereis(far, "far_") end)
    {:ok, nil} = Rebeam.call(there, "make", nil, 30_000)
    here = wait_until(fn -> Rebeam.whereis("nono") || Rebeam.whereis("near") end)
    show.(Rebeam.call(here, "use", Atom.to_string(far), 30_000))
    """

    assert InElixir.lines_of_two!(program, code) == [
             ~s({:ok, {[1], 2, 3, ["a", "b", "n"], ["there is no table \\"none\\"", "the table \\"far table\\" is of type set"]}})
           ]
  end

  test "under plain python a table is there, and says how to run the program" do
    program = """
    from rebeam import Table
    table = Table("top")
    try:
        table["a"]
    except RuntimeError as error:
        print(error)
    """

    assert %{status: 0, out: out} = Program.run(program, via: :python, env: outside())
    assert out =~ "rebeam"
  end

  defp outside, do: [{"PYTHONPATH", Path.expand("python")}]
end
