defmodule Rebeam.Python.Examples.LockTest do
  # The example of a state machine does what its comment says.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "the lock opens, locks itself, takes postponed buttons, and blocks" do
    main = Path.expand("../../../python/examples/lock/main.py", __DIR__)

    assert Program.lines!(main) == [
             "locked (was None)",
             "error locked, Ada",
             "ok welcome, Ada",
             "locked (was open)",
             "ok welcome, Ben",
             "locked (was open)",
             "error blocked, Mallory",
             "error blocked",
             "locked (was blocked)",
             "error locked, Mallory"
           ]
  end
end
