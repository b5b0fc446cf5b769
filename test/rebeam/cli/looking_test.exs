defmodule Rebeam.CLI.LookingTest do
  # The words that look into a program, from another terminal.
  use ExUnit.Case, async: true

  alias Rebeam.CLI.Looking
  alias Rebeam.{Program, Running}

  @shop "cli/looking/shop.py"

  defp rebeam(words, options \\ []), do: Program.run({:words, words}, [own: true] ++ options)

  defp said(words) do
    result = rebeam(words)
    assert {words, result.err, result.status} == {words, "", 0}
    result.out
  end

  test "options and names" do
    assert {:ok, _, ["a", "b"], %{limit: 3, json: true}} =
             Looking.take(["17", "a", "--limit=3", "b", "--json"], %{limit: 1, json: false})

    assert {:ok, _, ["--json"], %{json: false}} = Looking.take(["--", "--json"], %{json: false})
    assert {:error, "unknown option --fast"} = Looking.take(["--fast"], %{limit: 1})
    assert {:error, "--limit needs a value"} = Looking.take(["--limit"], %{limit: 1})

    assert {:error, ~s(--limit is a whole number of at least 1, not "0")} =
             Looking.take(["--limit", "0"], %{limit: 1})
  end

  @tag :slow
  test "a program is looked into, and does not mind" do
    program = Running.start(@shop)
    pid = "#{program.pid}"

    tree = said(["tree", pid])
    assert tree =~ ~r/^shop <0\.[0-9]+\.0> \(5, one_for_one\)$/m
    assert tree =~ ~r/^├─ stock <0\.[0-9]+\.0> Stock, restarted once$/m

    assert [_, _, "└─ ... and 4 more"] =
             String.split(said(["tree", pid, "--limit", "1"]), "\n", trim: true)

    assert said(["waits", pid]) =~
             ~r/^customer <[0-9.]+>  'wait'  +stock <[0-9.]+>  'count' for .*, sleeps for /m

    stack = said(["stack", pid, "stock", "customer"])
    assert stack =~ ~r/^stock <[0-9.]+>, Stock, shared: 'count' for /
    assert stack =~ ~s(, in Stock.count\n    sleep(message\)\n)
    assert stack =~ "      shelves = ['a', 'b']\n"
    assert stack =~ ~r/^customer <[0-9.]+>, Customer, shared: 'wait' for /m
    [_, id] = Regex.run(~r/^stock <([0-9.]+)>/, stack)
    assert said(["stack", pid, id]) =~ "stock <#{id}>"

    crashes = said(["crashes", pid])
    assert crashes =~ ~r/^[0-9:]{8} stock <[0-9.]+> crashed in 'fire'\n/
    assert crashes =~ "\n  RuntimeError: it burns\n"

    info = said(["info", pid])
    assert info =~ ~r/^actors +6: /m
    assert info =~ ~r/^crashes +1$/m

    assert said(["info", pid, "--json"]) =~ ~r/^\{"actors":6,"beam":[0-9]+,"cores":/

    lines = ["trace", pid, "till", "--messages", "2"] |> said() |> String.split("\n", trim: true)
    times = ~r/^ +[0-9.]+  |[0-9.]+ ms$|<[0-9.]+>/

    assert Enum.map(lines, &String.replace(&1, times, "")) ==
             List.flatten(
               List.duplicate(["-> call 'take' 3 from ", "<- ok 3 after ", "   done after "], 2)
             )

    top = said(["top", pid])
    assert top =~ ~r/^rebeam top - main.py \(#{pid}\), up /
    assert top =~ ~r/^<[0-9.]+> +stock +Stock +shared +0% .*  'count' for /m

    for {words, error} <- [
          {["stack", pid, "nobody"], ~s(no process is registered as "nobody")},
          {["trace", pid, "0.0.0"], "0.0.0 is no actor of this program"}
        ] do
      assert %{status: 1, err: err} = rebeam(words)
      assert err == "rebeam: #{error}\n"
    end

    assert {143, []} = Running.stop(program)
  end

  test "what they cannot make sense of" do
    for {words, error} <- [
          {["tree", "1", "x"], ~s(tree takes a NODE or the id of a process, not "x")},
          {["stack", "1"], "stack needs the name of an actor, or its id as tree shows it"},
          {["trace", "1", "a", "b"], "trace needs the name of one actor, or its id"},
          {["top", "1", "x"], "top takes a NODE or the id of a process"}
        ] do
      assert %{status: 2, err: err} = rebeam(words)
      assert err == "rebeam: #{error}\n"
    end
  end
end
