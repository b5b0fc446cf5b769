defmodule Rebeam.ValuePlacesTest do
  # Random values between actors in two OS processes, and on two nodes: what arrives equals what
  # was sent. REBEAM_VALUES=100000 sets how many.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @values Path.expand("../value", __DIR__)
  @number System.get_env("REBEAM_VALUES", "2000")

  for places <- ["main unit", "unit unit", "main far main", "unit far unit"] do
    @tag timeout: 1_800_000
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
end
