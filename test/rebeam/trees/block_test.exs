defmodule Rebeam.Trees.BlockTest do
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @program "trees/block/block.py"
  @lines """
  -- plain
  ['1', 'two'] 2 3
  1 4
  three ends: shutdown
  two ends: shutdown
  one ends: shutdown
  [None, None, None]
  -- raises
  counter ends: ValueError: broken
  'counter' is down, asked for 'crash': ValueError: broken
  KeyError('of the block') None
  -- gives_up
  counter ends: ValueError: broken
  'counter' is down, asked for 'crash': ValueError: broken
  the supervision tree gave up: child counter failed too often ... ValueError: broken
  -- ends_itself
  -- does_not_start
  counter ends: shutdown
  child Refuses did not start: Traceback (most recent call last): ... OSError: no device
  -- twice
  Supervisor(1 children, strategy='one_for_one') runs already, in another block
  counter ends: shutdown
  1
  counter ends: shutdown
  -- restarts
  counter ends: ValueError: broken
  'counter' is down, asked for 'crash': ValueError: broken
  1
  counter ends: shutdown
  -- within
  inner ends: shutdown
  5
  counter ends: shutdown
  """

  defp run(isolation, python) do
    options = ["--python", python.executable]
    Program.out!(@program, args: [isolation], options: options)
  end

  test "a tree runs for the length of a block, and ends in order behind it" do
    assert run("shared", Program.python()) == String.split(@lines, "\n", trim: true)
  end

  @tag :slow
  test "in units as well" do
    places = for python <- InterpreterProgram.pythons(), do: {"interpreter", python}

    for {isolation, python} <- [{"process", Program.python()} | places],
        do: assert(run(isolation, python) == String.split(@lines, "\n", trim: true))
  end

  @tag :slow
  test "a signal in the block ends the tree in order" do
    program = """
    import time
    from rebeam import GenPy, Supervisor, stop

    class Actor(GenPy):
        @stop()
        def ends(self, reason):
            print("ends:", reason, flush=True)

    with Supervisor([Actor]):
        try:
            print("ready", flush=True)
            time.sleep(90)
        finally:
            print("finally", flush=True)
    """

    ended = &Program.run(program, on: [{"ready", :signal, &1}])
    assert %{status: 143, out: "ready\nends: shutdown\n"} = ended.("SIGTERM")
    assert %{status: "SIGINT", out: out, err: err} = ended.("SIGINT")
    assert out == "ready\nfinally\nends: shutdown\n"
    assert err =~ ~r/in <module>\n.*KeyboardInterrupt\n\z/s
  end

  test "the first program of the README" do
    [[_, program] | _] = Regex.scan(~r/```python\n(from rebeam .*?)```/s, File.read!("README.md"))
    assert Program.lines!(program) == ["11", "13", "16"]
  end
end
