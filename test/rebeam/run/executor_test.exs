defmodule Rebeam.Run.ExecutorTest do
  # What one actor does with its thread keeps no other from running.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  for {spinners, blockers} <- [{3, 0}, {0, 12}, {2, 4}] do
    @tag :slow
    test "#{spinners} that compute and #{blockers} that block leave an echo its turn" do
      args = ["#{unquote(spinners)}", "#{unquote(blockers)}"]
      lines = Program.lines!("run/executor/others.py", args: args)
      echoes = Enum.map(0..19, &"ok #{&1}")
      assert lines == echoes ++ ["busy #{unquote(spinners + blockers)}"]
    end
  end

  @tag :slow
  test "workers that were needed for a while end again" do
    lines = Program.lines!("run/executor/workers_that_were_needed_for_a_while_end.py")

    # The one that blocks at the end is the question itself, on the script's own thread.
    assert lines == ["threads held True", "True", "blocked 1 detached 0"]
  end
end
