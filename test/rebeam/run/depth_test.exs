defmodule Rebeam.Run.DepthTest do
  # Recursion that Python refuses must not be the end of the VM, whoever's stack it is on.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @deep "run/depth/deep.py"

  @expected Enum.flat_map(
              [{"sorted", 5}, {"json", 1}, {"plain", 5}, {"calls", 5}, {"repr", 12}],
              fn {subject, result} ->
                [
                  "#{subject} down RecursionError",
                  "True (<Status.OK: 'ok'>, 'fine')",
                  "(<Status.OK: 'ok'>, #{result})"
                ]
              end
            )

  @tag :slow
  test "deep recursion is a RecursionError in the actor" do
    assert Program.out!(@deep) == @expected
  end

  @tag :slow
  test "also where the program raised the limit" do
    assert Program.lines!("run/depth/raised_limit.py") == [
             "shared RecursionError",
             "shared 60000",
             "process RecursionError",
             "process 60000"
           ]
  end

  @tag :slow
  test "deep recursion in the body of the script" do
    program = """
    import json, sys
    # From 3.14 on CPython goes by the C stack, not by a count.
    JSON = 50_000 if sys.version_info < (3, 14) else 1_000_000
    for attempt in (lambda: json.loads("[" * JSON + "]" * JSON),):
        try:
            attempt()
        except RecursionError:
            print("RecursionError")
    def down(n):
        return sorted([n], key=lambda n: down(n - 1))[0]
    try:
        down(10_000)
    except RecursionError:
        print("RecursionError")
    """

    assert Program.lines!(program) == ["RecursionError", "RecursionError"]
  end

  @tag :slow
  test "the same in a VM with default flags, as under iex" do
    folder = Program.folder(%{"main.py" => @deep})

    result =
      Program.elixir(
        ~s"""
        # It logs to standard output.
        Logger.configure(level: :none)
        :ok = Rebeam.Python.Runtime.start([python: #{inspect(Program.python().executable)}], ["main.py"])
        {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
        receive do
          {:rebeam_script, ^script, result, :over} -> IO.inspect(result)
        end
        """,
        cd: folder
      )

    assert result.status == 0, result.err
    assert String.split(result.out, "\n", trim: true) -- ["{:status, 0}"] == @expected
  end

  @tag :slow
  test "code that goes on for long keeps no other actor from running" do
    assert Program.lines!("run/depth/code_that_goes_on_for_long_keeps_no_other.py") == [
             "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]",
             "True"
           ]
  end
end
