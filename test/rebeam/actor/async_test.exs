defmodule Rebeam.Actor.AsyncTest do
  # `async def` handlers: tasks of one asyncio loop, each its actor's.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "every kind of handler may be an async def" do
    assert Program.lines!("actor/async/every_kind_of_handler_may_be_an_async_def.py") == [
             "(<Status.OK: 'ok'>, False)",
             "(<Status.ERROR: 'error'>, 'no')",
             "(<Status.OK: 'ok'>, ('what', ['message', 'source', 'status']))",
             "True True",
             "(<Status.OK: 'ok'>, ['start', 'good', 'bad', 'cast', 'plain'])",
             "before 2",
             "(<Status.OK: 'ok'>, 6)",
             "stopped shutdown ['start', 'good', 'bad', 'cast', 'plain']"
           ]
  end

  test "handlers that yield are refused, and plain programs start no loop" do
    program = """
    import threading
    from rebeam import *
    from async_actors import *
    try:
        class Wrong(GenPy):
            @receive("it")
            async def it(self):
                yield 1
    except TypeError as error:
        print(error)
    run_register_process(Slow())
    print(helper(4), "asyncio" in [t.name for t in threading.enumerate()])
    print([t.name for t in threading.enumerate() if "rebeam" in t.name])
    """

    assert Program.lines!(program) == [
             "handler Wrong.it must return, not yield",
             "8 False",
             "[]"
           ]
  end

  test "an exception crashes the actor, with the frames of the user alone" do
    result = Program.run("actor/async/exception_crashes_the_actor.py")
    assert result.status == 0
    [first, task, unsendable, cancel] = String.split(result.out, "\n", trim: true)

    assert first =~
             ~r/^down Traceback \(most recent call last\):\|  File "[^"]*main.py", line \d+, in handle\|/

    assert first =~ "in inner|    return {}[message]|"
    assert first =~ "KeyError: 'it'|"
    refute first =~ "event_loop.py"
    assert task =~ ~r/ExceptionGroup: .*KeyError: 'in a task'/
    assert unsendable =~ "cannot pickle '_thread.lock' object"
    assert cancel =~ "CancelledError"
    assert result.err =~ "actor bad (Bad) <"
    assert result.err =~ ~s{in @receive("raise")}
    refute result.err =~ "event_loop.py"
  end

  @tag :slow
  test "sys.exit in a handler or its task ends the actor, not the loop" do
    assert Program.out!("actor/async/sys_exit_in_a_handler_or_its_task_ends.py") == [
             "down normal",
             "down normal",
             "down KeyboardInterrupt",
             "(<Status.OK: 'ok'>, (<Status.OK: 'ok'>, 'waited'))"
           ]
  end

  @tag :slow
  test "one message at a time, whether handlers are async or not" do
    assert Program.lines!("actor/async/one_message_at_a_time.py") == [
             "(<Status.OK: 'ok'>, (True, True))",
             "baseline"
           ]
  end

  test "async defs are items; actors start others from the loop, and fail to start in it" do
    assert Program.out!("actor/async/async_defs_are_items.py") |> Enum.sort() == [
             "LookupError: it failed to start",
             "[42, 42, 42, 42]",
             "an actor cannot call itself: it would wait for its own answer",
             "item True 4"
           ]
  end
end
