defmodule Rebeam.Suspend.SuspensionTest do
  # Plain functions that really wait: nothing runs twice, nothing is lost, no thread is held.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  test "each construct gives the same in a suspended actor as under python" do
    constructs = Program.path("constructs.py")
    stub = Path.expand("../../support/stub", __DIR__)
    python = Program.run(constructs, via: :python, env: [{"PYTHONPATH", stub}])
    assert %{status: 0, err: ""} = python
    # Every case has run, and did not raise.
    cases = Regex.scan(~r/^def (\w+)\(\):/m, File.read!(constructs)) |> length()
    assert length(Regex.scan(~r/^== /m, python.out)) == cases
    refute python.out =~ "raised"

    rebeam = Program.run(constructs)
    assert rebeam.out == python.out
    # No case held a thread but those where CPython cannot suspend.
    assert rebeam.err == ""
    assert rebeam.status == 0
  end

  @tag :slow
  test "what ran before a call ran once" do
    folder = Program.folder()

    assert Program.lines!("suspend/suspension/what_ran_before_a_call_ran_once.py", cd: folder) ==
             [
               "[('handler', 1), ('first', 1), ('second', 1), ('after', 2), ('end', 103)]",
               "10",
               "['1', '2']",
               "baseline"
             ]
  end

  @tag :slow
  test "a profiler counts waits as those of coroutines, and has none of them in its times" do
    for python <- [Program.python() | InterpreterProgram.pythons()] do
      options = [options: ["--python", python.executable]]

      assert Program.lines!("suspend/suspension/profiled.py", options) == [
               "actor (4, '') (4, '') (6, '') (3, '') (1, 'waits')",
               "body (1, 'waits') (1, 'waits') (3, 'waits') (3, '') (1, 'waits')"
             ]
    end
  end

  test "an actor handles one message at a time, in order, also while it is suspended" do
    assert Program.lines!("suspend/suspension/actor_handles_one_message_at_a_time_in_order.py") ==
             ["True", "True"]
  end

  @tag :slow
  test "finally and with run when an actor is shut down in the middle of a call" do
    assert Program.lines!("suspend/suspension/finally_and_with_run_when_an_actor_is_shut.py") == [
             "with",
             "ActorExit",
             "finally",
             "stop shutdown"
           ]
  end

  @tag :slow
  test "names that are not found again, and a wait that collects garbage as it is freed" do
    assert Program.lines!("suspend/suspension/hostile_values.py") ==
             ["(1, ['first', 'second'])", "20"]
  end

  @tag :slow
  test "two hundred calls nested on the plain path finish" do
    assert Program.lines!("suspend/suspension/two_hundred_calls_nested_on_the_plain_path.py") == [
             "True",
             "True",
             "baseline"
           ]
  end

  @tag :slow
  test "ten thousand actors suspended three functions deep" do
    suspended(10_000)
  end

  @tag :large
  @tag timeout: 600_000
  test "a hundred thousand actors suspended three functions deep" do
    suspended(100_000)
  end

  # Each waits in a call to `gate`, which waits for `opener`, which is asked once all do.
  defp suspended(number) do
    result = Program.run(Program.path("suspended.py"), args: ["#{number}"], limit: 500)
    assert %{status: 0, err: ""} = result

    assert [
             "answered " <> answered,
             "sum " <> sum,
             "suspended " <> suspended,
             "threads constant",
             "bytes " <> _,
             "baseline"
           ] = String.split(result.out, "\n", trim: true)

    assert String.to_integer(answered) == number
    # Each has its own number doubled, plus one.
    assert String.to_integer(sum) == number * (number - 1) + number
    assert String.to_integer(suspended) >= number
    if number > 10_000, do: IO.puts("\n" <> result.out)
  end
end
