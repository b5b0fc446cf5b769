defmodule Rebeam.Value.ShareTest do
  # Large values between actors: shared, frozen, and given back.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @values Path.expand("../../c_src/value", __DIR__)

  for name <- ~w(test_arrays test_memory) do
    @tag timeout: 600_000
    @tag :slow
    test "#{name}.py with numpy, pandas, pyarrow and polars" do
      path = Path.join(@values, unquote(name) <> ".py")
      result = Program.run(path, options: ["--python", Environment.python()], limit: 500)
      assert result.status == 0, result.out <> result.err
      refute result.err =~ "skipped"
    end
  end

  @tag :slow
  test "10 MiB arrays to receivers that are killed at random: memory returns" do
    number = System.get_env("REBEAM_SENDS", "700")
    options = [args: [number], options: ["--python", Environment.python()], limit: 400]

    assert Program.lines!("value/share/mib_arrays_to_receivers_that_are_killed.py", options) == [
             "0 baseline",
             "flat"
           ]
  end

  @tag :slow
  test "between actors: the same memory, which neither changes" do
    options = [options: ["--python", Environment.python(), "--log-level", "none"]]

    assert Program.lines!("value/share/between_actors.py", options) == [
             "[True, True, True]",
             "assignment destination is read-only",
             "True x",
             "True",
             "True",
             "1000000.0 False",
             "down change a copy of it, .copy() of an array or a DataFrame, bytearray() of a memoryview.",
             "baseline"
           ]
  end

  @tag :slow
  test "memory is given back at once, by whatever process a message passed" do
    options = [options: ["--python", Environment.python(), "--log-level", "none"]]

    for line <- Program.lines!("value/share/memory_is_given_back_at_once.py", options) do
      assert line =~ ~r/^[a-z ]+ 0 0 0$/
    end
  end

  @tag :slow
  test "what the receiver cannot rebuild: a call gets the reason, a cast is logged" do
    result = Program.run("value/share/what_the_receiver_cannot_rebuild.py")
    assert result.status == 0
    assert "ok taken\nok taken\n" = String.replace(result.out, ~r/\n\n.*?(?=\nok)/s, "")
    assert result.out <> result.err =~ "cannot rebuild a missing object: AttributeError"
  end
end
