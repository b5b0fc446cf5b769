defmodule Rebeam.CodeTest do
  use ExUnit.Case, async: true

  import Rebeam.Program, only: [elixir: 1, folder: 1, lines!: 1]

  alias Rebeam.InterpreterProgram

  @moduletag timeout: 120_000

  describe "reload" do
    @describetag :slow

    test "what a module defines stays what it is, and becomes what its text says" do
      assert lines!("code/code_test/matrix.py") == ~w(methods functions names_of_functions
               closures decorators properties partials supers dataclasses enums nested_classes
               subclasses_elsewhere generators slots_and_bases state failures registries other_kinds
               code_that_runs_where_it_was_loaded
               nothing_is_left)
    end

    test "nothing is kept of actors for it" do
      program = """
      from rebeam import DynamicSupervisor, GenPy, _kept, call, receive, start_children
      class Plain(GenPy):
          @receive("kept")
          def kept(self):
              return len(_kept._kept)
      with DynamicSupervisor(name="pool"):
          before = len(_kept._kept)
          pids = start_children("pool", [Plain] * 100)
          print(call(pids[0], "kept")[1] - before)
      """

      assert lines!(program) == ["0"]
    end

    for {isolation, lacks} <- [
          {"shared", nil},
          {"process", nil},
          {"interpreter", InterpreterProgram.lacks_units()}
        ] do
      @tag skip: lacks
      test "#{isolation}: actors take the new code with their next message" do
        assert run("actors", unquote(isolation), []) == ["done 2"]
      end

      @tag skip: lacks
      test "#{isolation}: 100 times, and no call is lost, nor any state" do
        options = [args: [unquote(isolation), "100", "4", "0.01"]]

        assert %{status: 0, out: "done 100\n"} =
                 result = program("load", unquote(isolation), options)

        assert result.err =~ ~r"^\d+ calls/s, longest pause [\d.]+ ms, reload [\d.]+ ms"
      end

      @tag skip: lacks
      test "#{isolation}: a program's own script, whose body does nothing again" do
        assert run("script", unquote(isolation), options: ["--isolation", unquote(isolation)]) ==
                 [
                   "body",
                   "('old', 5, 1)",
                   "('Counter.add', 'LIMIT', 'asked', 'one_more') () 1 True",
                   "('new', 6, 2) True",
                   "False True",
                   "[(2, ['Driver.go'])]",
                   "[1]"
                 ]
      end

      @tag skip: lacks
      test "#{isolation}: too many crashes take it back" do
        assert %{status: 0, out: "done\n"} = result = program("crashes", unquote(isolation), [])

        assert result.err =~
                 "fragile was loaded again, and is what it was before: more than 2 crashes"
      end
    end

    test "--watch loads what has changed, and says what came of it" do
      result =
        Rebeam.Program.run("code/code_test/watched.py",
          options: ["--watch"],
          on: [{"three", :type, "typed\n"}]
        )

      assert %{status: 0, out: "two\nthree\ntyped three\n"} = result
      assert result.err =~ ~r"watched_module.py is loaded again: Counter.which \(1 actor\)"
    end
  end

  describe "Rebeam.reload/2" do
    @tag :slow
    test "is the same for Elixir code" do
      folder = folder(%{"pricing.py" => pricing("2 * n")})

      code = """
      folder = #{inspect(folder)}
      {:ok, pid} = Rebeam.GenPy.start_link({"pricing", "Price"}, path: folder)
      IO.inspect(Rebeam.call(pid, "of", 10))
      File.write!(Path.join(folder, "pricing.py"), #{inspect(pricing("3 * n"))})
      IO.inspect(Rebeam.reload("pricing"))
      IO.inspect(Rebeam.call(pid, "of", 10))
      File.write!(Path.join(folder, "pricing.py"), "def (")
      {:error, [text]} = Rebeam.reload("pricing", max_crashes: 1)
      IO.puts(text)
      {:error, [text]} = Rebeam.reload("nothing")
      IO.puts(text)
      """

      assert %{status: 0, err: ""} = result = elixir(code)

      assert String.split(result.out, "\n", trim: true) == [
               "{:ok, 20}",
               ~s({:ok, %{actors: 1, changed: ["Price.of"]}}),
               "{:ok, 30}",
               "SyntaxError: invalid syntax (pricing.py, line 1)",
               "no module 'nothing' is loaded here, so it cannot be loaded again"
             ]
    end
  end

  defp pricing(expression) do
    """
    from rebeam import GenPy, receive
    class Price(GenPy):
        @receive("of")
        def of(self, message):
            n = message
            return #{expression}
    """
  end

  defp run(name, isolation, options) do
    assert %{status: 0, err: ""} = result = program(name, isolation, options)
    String.split(result.out, "\n", trim: true)
  end

  defp program(name, isolation, options) do
    ours = ["--workers", "2"] ++ python(isolation)
    {theirs, options} = Keyword.pop(options, :options, [])
    options = Keyword.put_new(options, :args, [isolation])
    Rebeam.Program.run("code/code_test/#{name}.py", [options: theirs ++ ours] ++ options)
  end

  defp python("interpreter"), do: ["--python", hd(InterpreterProgram.pythons()).executable]
  defp python(_), do: []
end
