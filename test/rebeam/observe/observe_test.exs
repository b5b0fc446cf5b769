defmodule Rebeam.ObserveTest do
  # rebeam.observe, in each placement. The programs look at actors of test/programs/observe/observed.py.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @crashes ["--log-level", "none"]

  defp places do
    apart = for python <- InterpreterProgram.pythons(), do: {"interpreter", python}
    [{"process", Program.python()} | apart]
  end

  defp lines!(program, isolation, python) do
    options = ["--workers", "2", "--python", python.executable] ++ @crashes
    Program.lines!("observe/" <> program, args: [isolation], options: options)
  end

  # The same lines in each.
  defp everywhere(program, expected) do
    for {isolation, python} <- places(),
        do:
          assert(
            {isolation, python.version, lines!(program, isolation, python)} ==
              {isolation, python.version, expected}
          )
  end

  defp shared(program), do: lines!(program, "shared", Program.python())

  @spin "  handler runs"
  @stacks [
    "idle () idle",
    "loop",
    @spin,
    "    Worker.loop | @ | {'message': '30'}",
    "  running loop cast True",
    "lock",
    @spin,
    "    Worker.lock | lock.acquire(timeout=message) | {'message': '30'}",
    "  running lock cast True",
    "C",
    @spin,
    "    Worker.in_c | list(map(_real_sleep, [message])) | {'message': '30'}",
    "  running C cast True",
    "dedicated",
    @spin,
    "    Worker.lock | lock.acquire(timeout=message) | {'message': '30'}",
    "five deep",
    "  handler is suspended",
    "    Worker.five_deep | return deep(5, message) | {'message': '30'}",
    "    deep | return deep(level - 1, seconds) or here | {'level': '5', 'here': \"'level 5'\"}",
    "    deep | return deep(level - 1, seconds) or here | {'level': '4', 'here': \"'level 4'\"}",
    "    deep | return deep(level - 1, seconds) or here | {'level': '3', 'here': \"'level 3'\"}",
    "    deep | return deep(level - 1, seconds) or here | {'level': '2', 'here': \"'level 2'\"}",
    "    deep | return sleep(seconds) | {'level': '1', 'here': \"'level 1'\"}",
    "  waiting sleep",
    "plain path",
    @spin,
    "    Worker.ask_in_key | return sorted([1], key=lambda each: call(message, \"nothing\", each, timeout=FOREVER)) | {'message': \"'deep'\"}",
    "    Worker.ask_in_key.<locals>.<lambda> | return sorted([1], key=lambda each: call(message, \"nothing\", each, timeout=FOREVER)) | {'message': \"'deep'\", 'each': '1'}",
    "  blocked",
    "asynchronous",
    "  Async.ask_async is suspended",
    "    Async.ask_async | return await call_async(message, \"nothing\", here, timeout=FOREVER) | {'here': \"'in a task'\", 'message': \"'deep'\"}",
    "True True",
    "LookupError no process is registered as \"nobody\""
  ]

  # A loop is at either of its lines.
  defp stacks(lines) do
    Enum.map(
      lines,
      &String.replace(&1, ["while time.monotonic() < deadline:", "spun = deadline"], "@")
    )
  end

  @tag :slow
  test "the stack of code that runs in a loop, in a lock, in C, is suspended, waits, or is asynchronous" do
    assert stacks(shared("stack/stacks.py")) == @stacks
  end

  @tag :slow
  test "the same in units" do
    for {isolation, python} <- places(),
        do:
          assert(
            {isolation, stacks(lines!("stack/stacks.py", isolation, python))} ==
              {isolation, @stacks}
          )
  end

  @tag :slow
  test "while code in C holds the GIL, all but its stack is known" do
    assert Program.lines!("observe/stack/gil.py", options: ["--workers", "1"]) == [
             "[None, True, 'running', 'cast', 2, True, ['waiter'], 1]"
           ]
  end

  @waits [
    "0 nobody waits for an answer",
    "a b True",
    "a thread asks False",
    "a thread sleeps False",
    "a thread sleeps False",
    "asks sleeps False",
    "async sleeps False",
    "b c True",
    "c a True",
    "plain sleeps False",
    "3 True True",
    "True 1"
  ]

  @tag :slow
  test "who waits for whom: directly, by a name, on a thread, asynchronously, for many; cycles are marked" do
    assert shared("waits/cycle.py") == @waits
  end

  @tag :slow
  test "who waits for whom, in units", do: everywhere("waits/cycle.py", @waits)

  @rows [
    "300 observed.Worker actor idle 0 0 None",
    "tortoise waiting sleep five deep True",
    "True @ True",
    "running loop busy",
    "True",
    "3 True inner",
    "3 inner ValueError: bad 2 crash cast",
    "True ValueError: bad 2",
    "[4]",
    "top supervisor one_for_one ['busy', 'tortoise', 'below'] 3",
    "one_for_one [('inner', 3, 'inner'), ('later', 0, 'later')]",
    "['run_register_process', 'spawned functions and tasks']",
    "1 3",
    "True True True",
    "3 True True True",
    "['PID', 'NAME', 'CLASS']",
    "ValueError sort must be one of load, rate, queue, messages, busy, age, memory, restarts, not 'fame'",
    "ValueError limit must be at least 1, not 0",
    "TypeError limit must be a whole number, not 2.5",
    "TypeError target must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 17",
    "LookupError no process is registered as \"nobody\"",
    "ValueError n must be at least 1, not 0"
  ]

  defp rows(lines),
    do:
      Enum.map(
        lines,
        &String.replace(&1, ~r/^True (shared|process|interpreter) True$/, "True @ True")
      )

  @tag :slow
  test "rows of actors, classes, trees, crashes and the whole; what cannot be asked for" do
    assert rows(shared("actors/rows.py")) == @rows
  end

  @tag :slow
  test "these of units" do
    for {isolation, python} <- places(),
        do:
          assert(
            {isolation, rows(lines!("actors/rows.py", isolation, python))} == {isolation, @rows}
          )
  end

  @events [
    "call nothing {'n': [1, None]} None somebody",
    "reply None {'n': [1, None]} ok None after",
    "done None None None None after",
    "call ask ['other', 7] None somebody",
    "ask nothing [7] None other",
    "got None [7] ok None",
    "reply None (<Status.OK: 'ok'>, [7]) ok None after",
    "done None None None None after",
    "cast nothing None None None",
    "reply None None ok None after",
    "done None None None None after",
    "cast ask asynchronously other None None",
    "ask asyncio None None None",
    "got None None None None",
    "reply None (<Status.OK: 'ok'>, 'in a task') ok None after",
    "done None None None None after",
    "call five deep 0 None somebody",
    "ask sleep 0.0 None None None",
    "got None None None None",
    "reply None level 2 ok None after",
    "done None None None None after",
    "True True True",
    "['cast crash oh None None', 'raised None None None None after']",
    "[]"
  ]

  @tag :slow
  test "a trace tells calls, casts, what they ask for and answer, past the process and through it" do
    assert shared("trace/events.py") == @events
  end

  @tag :slow
  test "a trace in units", do: everywhere("trace/events.py", @events)

  test "the guide's example" do
    guide = File.read!(Path.expand("../../../priv/guides/observing.md", __DIR__))
    [_, example] = Regex.run(~r/```python\n(.*?)```/s, guide)
    result = Program.run(example, options: @crashes)
    assert {result.err, result.status} == {"", 0}
    assert result.out =~ ~r/^PID +NAME +CLASS /m
    assert result.out =~ ~r/^shop <[0-9.]+> \(2, one_for_one\)$/m
    assert result.out =~ ~r/^orders <[0-9.]+>  'order'  +stock <[0-9.]+>  'count' for /m
    assert result.out =~ "      shelves = ['tea', 'cake']\n"
  end

  # What looks cost, beside one message to each actor.
  @looks ~S"""
  {:ok, _} = Rebeam.start_link(script: "many.py", python: System.fetch_env!("PYTHON_UNDER_TEST"))
  count = fn -> for %{class: "Idle", count: n} <- Rebeam.Observe.classes(), do: n end
  wait_until(fn -> count.() == [100_000] end, 600)
  pids = for row <- Rebeam.Observe.actors(:age, 200_000), row.class == "Idle", do: row.pid
  looks = [
    fn -> 50 = length(Rebeam.Observe.actors(:load, 50)) end,
    fn -> 50 = length(Rebeam.Observe.actors(:queue, 50)) end,
    &Rebeam.Observe.classes/0, &Rebeam.Observe.waits/0, &Rebeam.Observe.metrics/0, &Rebeam.Observe.info/0
  ]

  # In milliseconds of processors, of all threads.
  cost = fn work ->
    {before, _} = :erlang.statistics(:runtime)
    work.()
    {then, _} = :erlang.statistics(:runtime)
    then - before
  end

  anew = fn look ->
    Process.sleep(600) # so that it is a new one
    look.()
  end

  looked = cost.(fn -> Enum.each(looks, anew) end)
  IO.puts(length(pids))
  asked = cost.(fn -> for pid <- pids, do: {:ok, nil} = Rebeam.call(pid, "nothing", nil, 60_000) end)
  IO.puts(looked < asked || "#{looked} ms to look, #{asked} ms to ask")
  # Who has looked is gone: nothing is kept, and nothing is taken.
  survey = fn -> :sys.get_state(Rebeam.Observe.Survey) end
  wait_until(fn -> match?(%{current: nil, earlier: nil, taken: nil}, survey.()) end)
  System.halt(0)
  """

  @tag :large
  test "100,000 actors: looks cost less than a message to each, and leave nothing" do
    folder = Program.folder(%{"many.py" => Program.source("observe/actors/many.py")})
    result = Program.elixir(@looks, cd: folder, limit: 900)
    assert %{status: 0, out: "100000\ntrue\n"} = result
  end

  @tag :slow
  test "from Elixir, before there is Python and after" do
    code = ~S"""
    IO.inspect({Rebeam.Observe.actors(), Rebeam.Observe.tree(), Rebeam.Observe.waits()})
    IO.inspect(Rebeam.Observe.stack("late"))

    File.write!("late.py", ~S'''
    from rebeam import GenPy, Supervisor, receive, sleep

    class Late(GenPy):
        name = "late"
        @receive("rest")
        def rest(self, message):
            sleep(message)

    Supervisor([Late()])
    ''')

    {:ok, _} = Rebeam.start_link(script: "late.py", python: System.fetch_env!("PYTHON_UNDER_TEST"))
    Rebeam.cast("late", "rest", 60)
    wait_until(fn -> match?([%{state: :waiting}], Rebeam.Observe.actors(:age, 1)) end)
    [row] = Rebeam.Observe.actors(:age, 1)
    IO.inspect({row.name, row.class, row.subject, row.unit, row.waits_for})
    # On a busy machine Python may be late to say it.
    stack = fn -> {:ok, %{stacks: stacks}} = Rebeam.Observe.stack("late"); if(is_list(stacks), do: stacks) end
    [{"", false, [{_, _, function, text, locals}]}] = wait_until(stack)
    IO.inspect({function, text, List.last(locals)})
    [%{children: [%{id: id}]}] = Rebeam.Observe.tree()
    IO.puts(id)
    """

    result = Program.elixir(code, cd: Program.folder(%{}))

    assert {result.out, result.status} == {
             """
             {[], [], []}
             {:error, "no process is registered as \\"late\\""}
             {"late", "Late", "rest", "shared", :sleep}
             {"Late.rest", "sleep(message)", {"message", "60"}}
             late
             """,
             0
           }
  end
end
