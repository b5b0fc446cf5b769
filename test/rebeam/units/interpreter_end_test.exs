defmodule Rebeam.Units.InterpreterEndTest do
  # Interpreter units under load, and the end of a program that has some.
  use ExUnit.Case, async: true

  import Rebeam.InterpreterProgram

  @moduletag skip: lacks_units()

  defp everywhere(fun) do
    assert [_ | _] = pythons()
    for python <- pythons(), do: fun.(python)
  end

  # test/programs/chaos.py, its actors spread over three interpreters: answers come at once,
  # later, from elsewhere, from threads, twice, or never as their actor crashed.
  @tag :slow
  test "answers between interpreters belong to their questions" do
    everywhere(fn python ->
      code = """
      [one, two] = units.(2)
      places = Stream.cycle([main, one, two])
      clerks = for {maker, n} <- Enum.zip(places, 0..3) do
        options = [kind: :actor, label: "clerk"]
        what = recipe.(maker, {"chaos", "Clerk"}, [n])
        %{id: n, start: {Rebeam.Actor, :start_link, [what, options]}}
      end
      {:ok, _} = Supervisor.start_link(clerks, strategy: :one_for_one, max_restarts: 100_000)
      callers = for {maker, n} <- Enum.zip(places, 1..36), do: start.(maker, {"chaos", "Caller"}, [n])
      seen = callers
        |> Enum.map(fn caller -> Task.async(fn -> ask.(caller, "go", 150) end) end)
        |> Task.await_many(90_000)
        |> Enum.reduce(&MapSet.union/2)
      show.(MapSet.delete(seen, "error") |> Enum.sort())
      # The last one that crashed is back as well.
      wait_until(fn -> match?(%{actors: 40, suspended: 0, blocked: 0, queued: 0}, Rebeam.info()) end)
      """

      words = ["at once", "down", "later", "passed on", "thread", "timeout"]
      assert lines!(python, code) == [inspect(words)]
    end)
  end

  @tag :slow
  test "at the end each unit runs what is to run at exit, and writes what it has" do
    code = """
    import atexit, sys, threading, time
    atexit.register(print, "atexit in", NAME)
    late = lambda: (time.sleep(0.2), print("thread in", NAME))
    threading.Thread(target=late, daemon=False).start()
    sys.stdout.reconfigure(line_buffering=False)
    print("buffered in", NAME)
    """

    everywhere(fn python ->
      lines =
        lines!(python, """
        [one, two] = units.(2)
        for {maker, name} <- [{main, "main"}, {one, "one"}, {two, "two"}] do
          runs = start.(maker, "Runs", [])
          nil = ask.(runs, "exec", "NAME = '\#{name}'\\n" <> #{inspect(code)})
        end
        """)

      for name <- ~w(main one two) do
        assert Enum.filter(lines, &String.ends_with?(&1, name)) ==
                 ["buffered in " <> name, "thread in " <> name, "atexit in " <> name]
      end
    end)
  end

  @tag :slow
  test "a unit that never ends does not hold the program" do
    everywhere(fn python ->
      code = """
      [one, two] = units.(2)
      runs = start.(one, "Runs", [])
      nil = ask.(runs, "exec", "import threading; threading.Thread(target=threading.Event().wait, daemon=False).start()")
      nil = ask.(start.(two, "Runs", []), "exec", "import atexit; atexit.register(print, 'two ended')")
      Rebeam.cast(start.(one, "Feature", []), "spin", self())
      """

      {time, lines} = :timer.tc(fn -> lines!(python, code) end)
      assert lines == ["two ended"]
      assert time < 30_000_000
    end)
  end

  @tag skip: lacks_older()
  @tag :slow
  test "an older CPython says what it lacks" do
    python = older()

    assert lines!(python, """
           {:ok, unit} = Interpreter.start_link(1)
           {:error, text} = Interpreter.await(unit)
           IO.puts(text)
           show.(Interpreter.info(unit))
           """) == [
             ~s(isolation="interpreter" needs CPython 3.12 or newer, ) <>
               ~s(this is #{python.version}: use "process"),
             "nil"
           ]
  end
end
