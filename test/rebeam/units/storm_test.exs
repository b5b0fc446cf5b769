defmodule Rebeam.Units.StormTest do
  # Segfaults by the dozen, under load. UNIT_SEGFAULTS=1000 sets another number.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @moduletag :large

  test "units that segfault: nothing wrong, nothing late, nothing left" do
    number = System.get_env("UNIT_SEGFAULTS", "40")
    limit = 60 + 3 * String.to_integer(number)

    result =
      Program.run(Program.path("unit_storm/main.py"),
        args: [number],
        options: ["--workers", "2", "--log-level", "none"],
        limit: limit
      )

    IO.puts(:stderr, result.err)
    assert result.status == 0

    assert ["restarted: True", "answers: True wrong: 0 late: 0", "pids: " <> pids] =
             String.split(result.out, "\n", trim: true)

    for pid <- String.split(pids),
        do: refute(File.exists?("/proc/#{pid}/environ"), "unit #{pid} is left")
  end
end
