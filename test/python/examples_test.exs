defmodule Rebeam.Python.ExamplesTest do
  # Every program in python/examples, as a user runs it.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @examples Path.expand("../../python/examples", __DIR__)

  # What each prints, line by line. Those with `crash` log what a crash looks like.
  @expected %{
    "bank" => [
      ~r/^\d+ of 300 transfers moved money$/,
      "total: 400 lowest is negative: False",
      "to a closed account: False True",
      "without the money: False"
    ],
    "cache" => [
      "values: [0, 1, 4] from 300 calls",
      "after 300 calls: {'computed': 3, 'entries': [0, 1, 2]}",
      "dropped by hand: True",
      "again: 4 {'computed': 4, 'entries': [2]}"
    ],
    "chat" => [
      "ann heard ['ann: tea?', 'ben: yes please']",
      "ben heard ['ann: tea?', 'ben: yes please']",
      "cleo heard ['ann: tea?', 'ben: yes please']",
      "cleo heard ['ann: sorry']"
    ],
    "crawler" => [
      "200 /",
      "200 /a",
      "200 /b",
      "200 /c",
      "200 /d",
      "200 /e",
      "404 /missing"
    ],
    "hello" => ["11", "13", "16"],
    "http_api" => [
      "200 {'tea': 3}",
      "200 {'tea': 2}",
      "404 {'error': 'error'}",
      "500 {'error': 'down'}",
      "200 {'tea': 3}"
    ],
    "job_queue" => ["results: {1: 100, 2: 50, 5: 20, 10: 10}", "put aside: [0]"],
    "philosophers" => for(seat <- 0..4, do: "philosopher #{seat} had 20 meals"),
    # As `bc` has it: scale=210; 4*a(1)
    "pi" => [
      "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899" <>
        "862803482534211706798214808651328230664709384460955058223172535940812848111745028410" <>
        "270193852110555964462294895493038196"
    ],
    "rate_limiter" => [
      "a burst: 5 ok, 3 refused",
      "6 requests in a row are held to the rate: True"
    ],
    "sessions" => [
      "ann 1",
      "ben 1",
      "ann 2",
      "cleo 1",
      "dan no room",
      "ben 2",
      "at once: 3",
      "later, dan: 1"
    ],
    "watchdog" => [
      "the third is alive: True",
      "ended: ValueError: sensor unplugged",
      "ended: normal",
      "ended: killed",
      "ended: shutdown"
    ]
  }

  # One log entry for each crash that the example is about.
  @crashes %{"chat" => 1, "http_api" => 1, "job_queue" => 3, "watchdog" => 1}

  # These have tests of their own.
  @elsewhere ["ingest", "lock", "wordcount"]

  test "every example is tested" do
    folders =
      for path <- Path.wildcard(@examples <> "/*/main.py"),
          do: path |> Path.dirname() |> Path.basename()

    assert Enum.sort(folders -- @elsewhere) == Enum.sort(Map.keys(@expected))
  end

  for {name, expected} <- @expected do
    @tag example: name
    test "#{name}" do
      result = Program.run(Path.join([@examples, unquote(name), "main.py"]))
      assert result.status == 0, result.err
      lines = String.split(result.out, "\n", trim: true)
      assert length(lines) == length(unquote(Macro.escape(expected))), result.out <> result.err
      Enum.each(Enum.zip(unquote(Macro.escape(expected)), lines), &assert_line/1)
      crashes = result.err |> String.split("[error]") |> length() |> Kernel.-(1)
      assert crashes == Map.get(@crashes, unquote(name), 0), result.err
    end
  end

  defp assert_line({%Regex{} = expected, line}), do: assert(line =~ expected)
  defp assert_line({expected, line}), do: assert(line == expected)
end
