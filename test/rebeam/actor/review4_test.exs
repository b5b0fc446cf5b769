defmodule Rebeam.Actor.Review4Test do
  use ExUnit.Case, async: false
  alias Rebeam.{InterpreterProgram, Program}

  @tag timeout: 200_000
  test "stress" do
    r = Program.run("actor/review/stress.py", cd: Program.folder(), limit: 120)
    IO.puts("#{r.status} #{r.out} #{String.slice(r.err, -1500, 1500)}")
    assert r.status == 0 and r.out == "baseline\n"
  end

  @tag timeout: 200_000
  test "stress in units" do
    python = hd(InterpreterProgram.pythons()).executable

    r =
      Program.run("actor/review/stress.py",
        cd: Program.folder(),
        limit: 120,
        options: ["--isolation", "interpreter", "--workers", "2", "--python", python]
      )

    IO.puts("#{r.status} #{r.out} #{String.slice(r.err, -1500, 1500)}")
    assert r.status == 0 and r.out == "baseline\n"
  end
end
