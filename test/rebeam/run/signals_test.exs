defmodule Rebeam.Run.SignalsTest do
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # Erlang code runs on the stacks of Erlang's processes: a handler that ran there would overwrite
  # what they hold. (Up to OTP 25 ERTS itself sees to that.)
  @tag :slow
  test "no handler runs on the stack of what it interrupts" do
    assert Program.lines!("run/signals/handlers_have_stacks.py") ==
             ["True True []", "True True []"]
  end
end
