defmodule Rebeam.Value.PlacesTest do
  # Values between actors in two OS processes, and on two nodes: what arrives equals what was sent,
  # and nothing is left of it. REBEAM_VALUES=100000 sets how many random values, REBEAM_SENDS=10000
  # how many arrays.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @values Path.expand("../../c_src/value", __DIR__)
  @number System.get_env("REBEAM_VALUES", "2000")
  @sends System.get_env("REBEAM_SENDS", "200")

  for places <- ["main unit", "unit unit", "main far main", "unit far unit"] do
    @tag timeout: 1_800_000
    @tag :slow
    test "from #{String.replace(places, " ", " to ")}" do
      places = unquote(places)
      far? = places =~ "far"
      name = "rebeam#{System.pid()}#{System.unique_integer([:positive])}"

      result =
        Program.run(Program.path("value_places.py"),
          args: [places, @number],
          # Only the command makes a node of a name.
          via: if(far?, do: :mix, else: :vm),
          options: ["--workers", "2"] ++ if(far?, do: ["--sname", name], else: []),
          env: [{"REBEAM_VALUE_TESTS", @values}],
          limit: 1_700
        )

      assert %{status: 0, out: "apart True True\nok\n0\n"} = result
      # The seed, and how long it took.
      assert result.err =~ ~r/\AREBEAM_SEED=\d+\n#{@number} values, .* s\n\z/
    end
  end

  @tag :slow
  test "what CPython's own tests pickle, to a unit and back" do
    env = [{"REBEAM_VALUE_TESTS", @values}]
    result = Program.run(Program.path("value_pickles.py"), options: ["--workers", "1"], env: env)

    if result.out == "left out: this Python comes without its tests\n" do
      IO.puts("Left out: the values of CPython's own tests, which this Python comes without")
    else
      assert %{status: 0, out: "apart True\n"} = result
      [_, number, left_out] = Regex.run(~r/Ran (\d+) tests.*OK \(skipped=(\d+)\)/s, result.err)
      assert String.to_integer(number) - String.to_integer(left_out) > 50
    end
  end

  # Resident memory means nothing under the sanitizers.
  @tag :resident
  @tag timeout: 3_600_000
  @tag :large
  test "10 MiB arrays to and from units, with actors and units killed at random: nothing is left" do
    result =
      Program.run(Program.path("value_kills.py"),
        args: [@sends],
        options: ["--python", Environment.python(), "--workers", "2", "--log-level", "none"],
        limit: 3_500
      )

    assert %{status: 0, out: "wrong\nleft\n"} = result, result.out <> result.err
    if @sends != "200", do: IO.puts(result.err)
  end
end
