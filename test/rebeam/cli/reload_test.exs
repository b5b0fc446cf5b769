defmodule Rebeam.CLI.ReloadTest do
  # A module of a program that runs, loaded again from another terminal.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, Running}

  defp reload(words), do: Program.run({:words, ["reload" | words]}, own: true)

  @tag :slow
  test "by the module's name, or whatever has changed" do
    program = Running.start("code/code_test/served.py")
    pid = "#{program.pid}"

    result = reload([pid, "served_module"])
    assert {result.err, result.status} == {"", 0}
    assert result.out == "served_module: Counter.word (1 actor)\n"
    Running.line(program, ~r/^two$/)

    wait_until(fn -> reload([pid]).status == 1 end)
    result = reload([pid])
    assert {result.out, result.status} == {"", 1}
    assert result.err =~ ~r/^rebeam: served_module is as it was: SyntaxError: /

    assert %{status: 1, err: "rebeam: no module 'shop' is loaded here" <> _} =
             reload([pid, "shop"])

    assert %{status: 2, err: "rebeam: reload takes " <> _} = reload([pid, "a", "b"])
    assert {143, _} = Running.stop(program)
  end

  defp wait_until(fun), do: fun.() || wait_until(fun)
end
