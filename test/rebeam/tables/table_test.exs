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
    assert Program.lines!(program, args: ~w(shared process)) == ["right"]
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
    far = Rebeam.FarNode.start()
    there = wait_until(fn -> Rebeam.FarNode.whereis(far, "nono") || Rebeam.FarNode.whereis(far, "far_") end)
    {:ok, nil} = Rebeam.call(there, "make", nil, 30_000)
    here = wait_until(fn -> Rebeam.whereis("nono") || Rebeam.whereis("near") end)
    show.(Rebeam.call(here, "use", Atom.to_string(far), 30_000))
    """

    assert InElixir.lines!(program, code) == [
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
