defmodule Rebeam.Value.UnitTest do
  # Values between isolation units: exact, apart from each other, and what is large given back.
  # Each test runs with units that are OS processes, and with those that are interpreters under
  # every CPython that has them. Random values go through places_test.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, InterpreterProgram, Program}

  @units ["--workers", "2"]

  # What one program printed and logged, for each kind of unit.
  defp everywhere(program, options \\ []) do
    interpreters =
      for python <- InterpreterProgram.pythons(),
          do: {"interpreter", ["--python", python.executable]}

    for {isolation, own} <- [{"shared", []}, {"process", []} | interpreters] do
      options = [args: [isolation | options[:args] || []], options: @units ++ own] ++ options
      {isolation, own, Program.run(program, options)}
    end
  end

  # The lines where it ran, without those that say where.
  defp lines({isolation, own, result}) do
    [places | lines] = String.split(result.out, "\n", trim: true)
    apart = %{"shared" => "1 1", "process" => "3 3", "interpreter" => "1 3"}
    assert {isolation, own, places, result.status} == {isolation, own, apart[isolation], 0}
    lines
  end

  @tag :slow
  test "what arrives is what was sent, and apart from it" do
    for each <- everywhere(Program.path("value_units.py"), args: ["values"]) do
      assert {each, lines(each)} == {each, ["as sent", "apart"]}
      assert {_, _, %{err: ""}} = each
    end
  end

  @tag :slow
  test "large memory goes on from unit to unit, and is given back" do
    for each <- everywhere(Program.path("value_units.py"), args: ["memory"]) do
      assert {each, lines(each)} == {each, ["shared 0"]}
      assert {_, _, %{err: ""}} = each
    end
  end

  @errors "value/unit/errors.py"

  @tag :slow
  test "what cannot be sent is named where it is sent; what cannot be rebuilt, where it was wanted" do
    [_shared | units] = everywhere(@errors)

    missing =
      "cannot rebuild a Fresh object: AttributeError: module '__main__' has no attribute 'Fresh'"

    # In a unit the script has another name.
    local =
      missing |> String.replace("Fresh", "Local") |> String.replace("__main__", "__mp_main__")

    for {isolation, own, result} <- units do
      lines = String.split(result.out, "\n", trim: true)

      assert {isolation, own, lines, result.status} ==
               {isolation, own,
                [
                  ~s(message["rows"][1].parts[0]["lock"]: cannot pickle '_thread.lock' object),
                  "error " <> local,
                  "error " <> missing,
                  "ok had it",
                  "ok had it",
                  "ok had it",
                  "down TypeError: response[0]: cannot pickle '_thread.lock' object"
                ], 0}

      casts = for line <- String.split(result.err, "\n"), line =~ "[warning]", do: line
      assert length(casts) == 3
      assert Enum.count(casts, &(&1 =~ ~s(cast "echo" to ) and &1 =~ local)) == 1
      assert Enum.count(casts, &(&1 =~ "has no attribute 'Fresh'")) == 2
    end
  end

  @large "value/unit/large.py"

  @tag timeout: 600_000
  @tag :slow
  test "large memory is right wherever it goes, stays with who has it, and is not copied" do
    for {isolation, own} <- [
          {"shared", ["--python", Environment.python()]},
          {"process", ["--python", Environment.python()]}
          | for(
              python <- InterpreterProgram.pythons(),
              do: {"interpreter", ["--python", python.executable]}
            )
        ] do
      options = ["--log-level", "none"] ++ @units ++ own
      result = Program.run(@large, args: [isolation], options: options, limit: 180)
      kind = if isolation == "interpreter", do: "plain plain", else: "numpy numpy"
      copied = if isolation == "process", do: [], else: ["not copied"]

      assert {isolation, own, lines({isolation, own, result})} ==
               {isolation, own,
                [kind, "True (<Status.OK: 'ok'>, True)", "True (<Status.OK: 'ok'>, True)"] ++
                  ["(<Status.OK: 'ok'>, True)"] ++ copied ++ ["left 0"]}
    end
  end
end
