defmodule Rebeam.Program.SeedsTest do
  # The program that Re:BEAM was first described with, in its three kinds of children.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "an instance, a module and the path of a script, under a discarded Supervisor" do
    folder = Path.dirname(Program.path("seeds/main.py"))
    result = Program.run("main.py", cd: folder)
    assert result.err == ""
    assert result.status == 0

    assert [
             "HELLO, WORLD",
             "genpy name started, and ProcessID() is its own",
             "receiver started",
             "genpy name state {'test': 'test', 'asked': 1}",
             "receiver got {'message': 1} from genpy name",
             "call ok {'response': 'response'}",
             "catch-all ok ['message', 'source', 'status', 'subject']",
             "cast True",
             "answer receive ok {'response': 'response'}",
             "answer refuse error no",
             "unknown error True",
             "the module ticks: [0, 1, 2]"
           ] == String.split(result.out, "\n", trim: true)
  end
end
