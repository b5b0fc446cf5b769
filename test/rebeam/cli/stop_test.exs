defmodule Rebeam.CLI.StopTest do
  # `rebeam stop`: in order, with the status awaited.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, Running}

  defp stop(program), do: Program.run({:words, ["stop", "#{program.pid}"]}, own: true)

  @tag :slow
  test "as SIGTERM ends it: in order, and with its own handler if it has one" do
    program = Running.start("cli/reach/counter.py")
    assert %{out: "ended with status 143\n", err: "", status: 0} = stop(program)
    assert {143, ["stopped 0"]} = Running.ended(program)

    program =
      Running.start("""
      import signal, sys, time
      signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
      print("ready", flush=True)
      while True:
          time.sleep(0.1)
      """)

    assert %{out: "ended with status 7\n", err: "", status: 0} = stop(program)
    assert {7, []} = Running.ended(program)
  end

  @tag :slow
  test "one that starts again by itself does not, and one that is killed meanwhile says nothing" do
    program = Running.start("cli/reach/counter.py", options: ["--restart", "always"])
    assert %{out: "ended with status 143\n", status: 0} = stop(program)
    assert {143, ["stopped 0"]} = Running.ended(program)

    program =
      Running.start("""
      import os, signal, time
      signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
      print("ready", flush=True)
      while True:
          time.sleep(0.1)
      """)

    assert %{out: "", status: 1, err: err} = stop(program)
    assert err =~ ~r/^rebeam: .* is gone/
    assert %{status: 1, err: err} = stop(program)
    assert err =~ "rebeam: no program of yours is process #{program.pid}"
  end
end
