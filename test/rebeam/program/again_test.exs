defmodule Rebeam.Program.AgainTest do
  # Scripts that failed, or were edited, and are started again in the same VM.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @prelude """
  Logger.configure(level: :none)
  :ok = Rebeam.OwnNode.start("again", :shortnames)
  Application.put_env(:rebeam, :workers, 1)
  start = fn how, kinds -> Rebeam.start_link(script: "main.py", args: [how | kinds]) end
  processes = fn ->
    for name <- [Rebeam.Processes, Rebeam.Tasks.Spawned], do: DynamicSupervisor.count_children(name).active
  end
  # As an editor does it, within the same second.
  edit = fn name, from, to -> File.write!(name, String.replace(File.read!(name), from, to)) end
  versions = fn kinds -> for kind <- kinds, do: elem(Rebeam.call("left_\#{kind}", "version", nil), 1) end
  _ = {start, processes, edit, versions}
  """

  defp lines!(kinds, code, python \\ Program.python().executable) do
    folder =
      Program.folder(%{
        "main.py" => "program/left_behind.py",
        "left_helper.py" => "VERSION = 1\n",
        "other/other.py" => """
        import left_helper
        from rebeam import GenPy, Supervisor, child, receive
        import sys
        class Other(GenPy):
            def __init__(self, name):
                self.name = name
            @receive("version")
            def version(self):
                return [left_helper.VERSION, left_helper.__name__]
        Supervisor([child(Other(f"other_{each}"), isolation=each) for each in sys.argv[1:]])
        """,
        "other/left_helper.py" => "VERSION = 'other'\n"
      })

    code = "kinds = #{inspect(kinds)}\n" <> code
    options = [cd: folder, env: [{"REBEAM_PYTHON", python}], limit: 200]
    result = Program.elixir(@prelude <> code, options)
    assert result.status == 0, result.out <> result.err
    String.split(result.out, "\n", trim: true)
  end

  defp everywhere(test) do
    test.(["shared", "process"], Program.python().executable)
    for python <- InterpreterProgram.pythons(), do: test.(["interpreter"], python.executable)
  end

  @tag :slow
  test "a body that raised leaves nothing behind" do
    code = """
    Process.flag(:trap_exit, true)
    {:error, {%{message: "as told"}, []}} = start.("raise", kinds)
    IO.inspect({processes.(), Rebeam.whereis("left_process")})
    # Not what it imported, nor the module's name, nor what units would define.
    {:ok, other} = Rebeam.start_link(script: "other/other.py", args: kinds)
    IO.inspect(for kind <- kinds, do: elem(Rebeam.call("other_\#{kind}", "version", nil), 1))
    Rebeam.stop(other)
    {:ok, pid} = start.("go on", kinds)
    IO.inspect(for [own, helper, _] <- versions.(kinds), do: {own, helper})
    Rebeam.stop(pid)
    wait_until(fn -> Rebeam.info().actors == 0 end)
    """

    everywhere(fn kinds, python ->
      found = for _ <- kinds, do: {1, 1}
      others = for _ <- kinds, do: ["other", "left_helper"]

      assert lines!(kinds, code, python) ==
               ["{[0, 0], nil}", inspect(others), inspect(found)]
    end)
  end

  @tag :slow
  test "what the script started outside of its trees ends when it is stopped" do
    code = """
    for n <- 1..3 do
      {:ok, pid} = start.("stop", kinds)
      {:ok, nil} = Rebeam.call("left_shared", "start", "left_by_actor")
      {:ok, nil} = Rebeam.call("left_by_actor", "start", "left_by_other")
      IO.inspect({n, processes.()})
      Rebeam.stop(pid)
      IO.inspect({processes.(), Enum.map(~w(process shared by_actor by_other), &Rebeam.whereis("left_" <> &1))})
    end

    # What a body that is done left is nobody's.
    :ignore = start.("stop", [])
    IO.inspect(processes.())
    """

    round = &["{#{&1}, [3, 1]}", "{[0, 0], [nil, nil, nil, nil]}"]
    assert lines!(["shared"], code) == Enum.flat_map(1..3, round) ++ ["[1, 1]"]
  end

  @tag :slow
  test "an edited script runs the new code everywhere" do
    code = """
    run = fn ->
      {:ok, pid} = start.("go on", kinds)
      IO.inspect(for [own, helper, _] <- versions.(kinds), do: [own, helper])
      Rebeam.stop(pid)
    end

    run.()
    edit.("main.py", "return [1,", "return [2,")
    run.()
    edit.("left_helper.py", "VERSION = 1", "VERSION = 2")
    run.()
    # One version that fails, in its first and in its last line.
    for line <- ["1 / 0\\n", ""] do
      good = File.read!("main.py")
      File.write!("main.py", line <> good <> "\\n1 / 0\\n")
      Process.flag(:trap_exit, true)
      {:error, _} = start.("go on", kinds)
      File.write!("main.py", String.replace(good, "return [2,", "return [3,"))
      run.()
      File.write!("main.py", good)
    end
    run.()
    """

    everywhere(fn kinds, python ->
      all = &inspect(for _ <- kinds, do: &1)
      expected = [[1, 1], [2, 1], [2, 2], [3, 2], [3, 2], [2, 2]]
      assert lines!(kinds, code, python) == Enum.map(expected, all)
    end)
  end
end
