defmodule Rebeam.Program.DebuggerTest do
  # What attaches to the process from outside.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @moduletag skip:
               if(Version.compare(Program.python().version, "3.14.0") == :lt,
                 do: "debuggers attach to CPython 3.14 or newer"
               )

  test "sys.remote_exec and pdb -p find Python's main thread, in the body and after it" do
    assert Program.lines!("program/python/attached.py", cd: Program.folder()) ==
             ["[True]", "[True, True]", "True ", "True"]
  end
end
