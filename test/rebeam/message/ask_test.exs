defmodule Rebeam.Message.AskTest do
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @lines """
  'stock' is down, asked for 'take': noproc
  2
  ("rebeam.CallError: 'stock' answered 'take' with an error: {'left': 2}", 'NoneType', '')
  ("rebeam.CallError: 'stock' answered 'refuse' with an error: KeyError('pears')", 'KeyError', "'pears'")
  ("rebeam.CallTimeout: 'stock' did not answer 'silent' in 0.05 s", 'NoneType', '')
  ("rebeam.CallDown: 'stock' is down, asked for 'break': ValueError: out of order", 'RemoteTraceback', 'ValueError: out of order')
  ("rebeam.CallDown: 'nobody' is down, asked for 'take': noproc", 'NoneType', '')
  ('TypeError: subject must be a str, not 7', 'NoneType', '')
  thread True
  asker True
  [{'left': 3}, {'left': 3}] [1, 2]
  """

  defp run(isolation, python) do
    options = ["--python", python.executable]
    Program.out!("message/ask/ask.py", args: [isolation], options: options)
  end

  test "it returns the value, or raises what came of the call" do
    assert run("shared", Program.python()) == String.split(@lines, "\n", trim: true)
  end

  @tag :slow
  test "from units as well" do
    places = for python <- InterpreterProgram.pythons(), do: {"interpreter", python}

    for {isolation, python} <- [{"process", Program.python()} | places],
        do: assert(run(isolation, python) == String.split(@lines, "\n", trim: true))
  end
end
