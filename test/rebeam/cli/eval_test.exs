defmodule Rebeam.CLI.EvalTest do
  # `rebeam eval`: code in a program that runs.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, Running}

  @asked "cli/reach/asked.py"

  defp eval(program, code, options \\ []),
    do: Program.run({:words, ["eval", "#{program.pid}", code]}, [own: true] ++ options)

  @tag :slow
  test "what code prints and its last value come here, and errors, and nothing to the program" do
    program = Running.start(@asked)

    for {code, out} <- [
          {"6 * 7", "42\n"},
          {"None", ""},
          {"x = 6\nx * 7", "42\n"},
          {"print('a', end=''); print('b'); 'c'", "ab\n'c'\n"},
          {"greeting, twice(4)", "('hello from main', 8)\n"},
          {"def f(n):\n    return twice(n) + 1\n[f(n) for n in range(3)]", "[1, 3, 5]\n"},
          {"class A(GenPy):\n    @receive()\n    def m(self, message):\n        return message.n\n" <>
             "pid = run_register_process(A())\nask(pid, 'm', Item(5))", "5\n"},
          {"_ = 1", ""},
          {"import sys; sys.stdout.write('no newline')", "no newline10\n"},
          {"await_(async_(twice, 21))", "42\n"},
          {"'ü€\\U0001f600'", "'ü€\u{1f600}'\n"},
          {"self_pid() == ProcessID() and type(self_pid()).__name__", "'ProcessID'\n"},
          {"from __future__ import annotations\ndef f(a: not_there): pass\nf.__annotations__",
           "{'a': 'not_there'}\n"}
        ] do
      result = eval(program, code)
      assert {code, result.out, result.err, result.status} == {code, out, "", 0}
    end

    result = eval(program, "print(1)\ndef f(): raise KeyError('k')\nf()")
    assert {result.out, result.status} == {"1\n", 1}
    assert result.err =~ ~r/^Traceback.*\n  File "<remote 1>", line 3, in <module>\n    f\(\)/
    assert result.err =~ ~r/KeyError: 'k'\n\z/
    refute result.err =~ "remote.py"

    assert %{out: "", status: 1, err: err} = eval(program, "a b")
    assert err =~ ~r/\A  File "<remote 1>", line 1\n.*SyntaxError: invalid syntax/s

    assert %{out: "", status: 3, err: ""} = eval(program, "import sys; sys.exit(3)")
    assert %{out: "", status: 1, err: err} = eval(program, "input()")
    assert err =~ "EOFError: there is no input in a remote session"

    # Its streams are its own again, and no session is left.
    code = "import sys, rebeam; type(sys.stdout).__module__, __import__('gc').collect() and 0"
    assert %{out: "('rebeam._program.remote', 0)\n"} = eval(program, code)
    assert {143, []} = Running.stop(program)
  end

  @tag :slow
  test "a program that ends meanwhile, code that is no more wanted, and wrong arguments" do
    program = Running.start(@asked)
    assert %{out: "", status: 1, err: err} = eval(program, "import os; os._exit(0)")
    assert err == "rebeam: the program is gone\n"
    assert %{status: 2, err: err} = Program.run({:words, ["eval", "#{program.pid}"]}, own: true)
    assert err == "rebeam: eval takes code: rebeam eval [NODE | PID] CODE\n"
  end
end
