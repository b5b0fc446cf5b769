defmodule Rebeam.Actor.EndingTest do
  # What code that ends may do, and that it hears of the end wherever it is.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  # Casts and operations, by names that are looked up and that are known; then a call and a sleep.
  @in_order "True True None True (<Status.OK: 'ok'>, 'asked') None"
  @killed "True True None True ActorExit ActorExit"

  @functions [
    "completes",
    "computes",
    "runs a loop",
    "runs for ever",
    "serves",
    "sleeps",
    "swallows",
    "takes",
    "waits",
    "waits in turns"
  ]

  for {placement, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", Rebeam.InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks
    @tag :slow
    test "code that ends may tell others and ask; if it was killed it cannot wait: #{placement}" do
      places =
        for place <- ~w(suspended called on_its_thread computing event asyncio.run async_def),
            answers <- [@in_order, @killed],
            do: "#{String.replace(place, "_", " ")} #{answers}"

      for own <- options(unquote(placement)) do
        lines = Program.lines!("actor/ending/tells.py", args: [unquote(placement)], options: own)

        assert {own, lines} ==
                 {own, places ++ ["suspended #{@in_order}", "@stop #{@in_order}"]}
      end
    end

    @tag skip: lacks
    @tag :slow
    test "functions are told that the program ends, whatever they do: #{placement}" do
      for own <- options(unquote(placement)) do
        result =
          Program.run("actor/ending/functions.py", args: [unquote(placement)], options: own)

        lines = result.out |> String.split("\n", trim: true) |> Enum.sort()
        assert {own, lines} == {own, Enum.map(@functions, &"#{&1} True")}
        assert {own, result.status, result.err} == {own, 143, ""}
      end
    end

    @tag skip: lacks
    @tag :slow
    test "so are modules and scripts: #{placement}" do
      told =
        for item <- ~w(module script),
            does <- ~w(completes computes sleeps waits),
            do: "#{item} #{does} True"

      for own <- options(unquote(placement)) do
        result = Program.run("actor/ending/modules.py", args: [unquote(placement)], options: own)
        lines = result.out |> String.split("\n", trim: true) |> Enum.sort()
        assert {own, lines, result.status, result.err} == {own, told, 143, ""}
      end
    end

    @tag skip: lacks
    @tag :slow
    test "what it has taken it gives back: #{placement}" do
      given_back = "(4, ['call', 'call', 'call', 'call', 'sleep', 'sleep', 'sleep', 'sleep'])"

      for own <- options(unquote(placement)) do
        lines = Program.lines!("actor/ending/leases.py", args: [unquote(placement)], options: own)
        assert {own, lines} == {own, List.duplicate("True True", 4) ++ [given_back]}
      end
    end
  end

  # What CPython waits for in C, where no line of Python runs meanwhile.
  @waits [
    "acquire",
    "acquire",
    "acquire, positional",
    "acquire, timeout",
    "barrier",
    "condition",
    "event",
    "queue",
    "reentrant",
    "semaphore",
    "simple queue",
    "simple queue, timeout",
    "the same True",
    "thread",
    "with"
  ]

  for {placement, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", Rebeam.InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks
    @tag :slow
    test "what waits for a lock, a queue or a thread hears of its end there: #{placement}" do
      for own <- options(unquote(placement)) do
        own = ["--isolation", unquote(placement) | own]
        lines = Program.lines!("actor/ending/locks.py", options: own)
        assert {own, Enum.sort(lines)} == {own, @waits}
      end
    end
  end

  for {placement, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", Rebeam.InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks
    @tag :slow
    test "in all else such waits are CPython's: #{placement}" do
      for own <- options(unquote(placement)) do
        own = ["--isolation", unquote(placement) | own]
        lines = Program.lines!("actor/ending/waits_as_python.py", options: own)

        assert {own, lines} ==
                 {own, ["signal True", "judged True", "join True False", "profiled []"]}
      end
    end
  end

  test "a wait that is refused in a loop is how its code hears that it was killed" do
    assert Program.lines!("actor/ending/refused_in_a_loop.py") == ["told at once"]
  end

  @tag :slow
  test "many that end in order hear of it at once, and none of them counts as abandoned" do
    assert Program.lines!("actor/ending/together.py") == ["True", "{0}"]
  end

  @tag :slow
  test "code that waits on its thread hears once of its end, there" do
    assert Program.lines!("actor/ending/told_where_it_waits.py") == List.duplicate("once", 10)
  end

  @tag :slow
  test "each wait of a loop hears once of the end, what follows it is another one" do
    assert Program.lines!("actor/ending/branches.py") == ["100 0"]
  end

  test "what runs at exit asks as any thread" do
    program = """
    import atexit
    from rebeam import *
    class Any(GenPy):
        name = "any"
    run_register_process(Any)
    def end():
        print(whereis("any"), cast("any", "note"), *call("any", "note"), sleep(0.001))
    atexit.register(end)
    """

    assert Program.lines!(program) == ["None False down noproc None"]
  end

  defp options("interpreter"),
    do: for(python <- InterpreterProgram.pythons(), do: ["--python", python.executable])

  defp options(_placement), do: [["--workers", "2"]]
end
