defmodule Rebeam.Trees.RestartTest do
  # A restart: what is fresh, and what is as it was first given.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "a restarted actor is a fresh object made from its first arguments" do
    assert Program.out!("trees/restart/restarted_actor_is_a_fresh_object_made.py") == [
             "[1, [1, [2, 'from outside']], {'x': {}, 'z': 1}, []]",
             "[1, [1, [2, 'from outside'], 'from inside'], " <>
               "{'x': {'y': 'from inside'}, 'z': 1}, ['k']]",
             "down",
             "[2, [1, [2]], {'x': {}}, []]",
             "[2, [1, [2], 'from inside'], {'x': {'y': 'from inside'}}, ['k']]",
             "down",
             "[3, [1, [2]], {'x': {}}, []]",
             "baseline"
           ]
  end

  @tag :slow
  test "arguments that cannot be copied are shared with every restart" do
    assert %{status: 0, out: out} =
             Program.run("trees/restart/arguments_that_cannot_be_copied_are_shared.py")

    assert out == "(<Status.OK: 'ok'>, True) down\n(<Status.OK: 'ok'>, True)\n"
  end

  @tag :slow
  test "--restart on-failure runs main.py again, at most so many times" do
    program = """
    import sys
    with open("runs", "a") as file:
        file.write("x")
    runs = len(open("runs").read())
    print("run", runs, sys.argv[1:], flush=True)
    sys.exit(int(sys.argv[1]) if runs < int(sys.argv[2]) else 0)
    """

    run = fn options, args ->
      result = Program.run(program, options: options, args: args, cd: Program.folder())

      {result.status, result.out |> String.split("\n", trim: true) |> length(), result.out,
       result.err}
    end

    # Fails twice, then ends well.
    assert {0, 3, out, err} = run.(~w(--restart on-failure), ~w(3 3))
    assert out == "run 1 ['3', '3']\nrun 2 ['3', '3']\nrun 3 ['3', '3']\n"
    assert err =~ "status 3, restarting"
    # Ends well at once.
    assert {0, 1, _, ""} = run.(~w(--restart on-failure), ~w(3 1))
    # Never.
    assert {3, 1, _, ""} = run.(~w(--restart never), ~w(3 9))
    # Always: also what ended well. So many times, then with the last status.
    options = ~w(--restart always --max-restarts 2 --max-seconds 1000)
    assert {0, 3, _, err} = run.(options, ~w(0 1))
    assert err =~ "more than 2 times"
    options = ~w(--restart on-failure --max-restarts 1 --max-seconds 1000)
    assert {4, 2, _, err} = run.(options, ~w(4 9))
    assert err =~ "more than 1 times"
  end

  @tag :slow
  test "--restart on-failure when the tree gives up" do
    program = """
    from rebeam import *
    with open("runs", "a") as file:
        file.write("x")
    runs = len(open("runs").read())
    print("run", runs, flush=True)
    def fail():
        if runs == 1:
            raise ValueError("first run")
        print("well")
    Supervisor(modules=[child(fail, restart="transient", significant=True)], max_restarts=0)
    """

    options = ~w(--restart on-failure)
    result = Program.run(program, options: options, cd: Program.folder())
    assert %{status: 0, out: "run 1\nrun 2\nwell\n"} = result
    assert result.err =~ "ValueError: first run"
  end
end
