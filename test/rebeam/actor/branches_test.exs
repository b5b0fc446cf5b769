defmodule Rebeam.Actor.BranchesTest do
  # What the process of an actor keeps of the waits of its asynchronous code.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "a wait that is over is watched over no more, whoever answered it" do
    python = """
    import asyncio
    from rebeam import *

    class Answers(GenPy):
        @receive()
        def any(self):
            return "answer"

    class Asks(GenPy):
        name = "asks"

        @receive("a task")
        async def task(self, message):
            return (await call_async(message, "any", timeout=None))[1]

        @receive("a thread")
        async def thread(self, message):
            return (await asyncio.to_thread(call, message, "any", None, None))[1]

        @receive("an operation")
        async def operation(self, message):
            return await asyncio.to_thread(whereis, message) is not None

    run_register_process(Asks)
    for name in ("one", "two", "three"):
        run_register_process(child(Answers, name=name))
    Supervisor(modules=[])
    """

    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", System.fetch_env!("SCRIPT"))
    wait_until(fn -> Rebeam.whereis("three") end)
    asks = Rebeam.whereis("asks")

    # The first call by a name goes through the process of who calls.
    for {kind, name} <- [{"a task", "one"}, {"a thread", "two"}, {"an operation", "three"}],
        _ <- 1..2 do
      IO.inspect({kind, Rebeam.call(asks, kind, name), wait_until(fn -> Process.info(asks, :monitors) == {:monitors, []} end)})
    end

    System.halt(0)
    """

    folder = Program.folder(%{"main.py" => python})
    result = Program.elixir(code, env: [{"SCRIPT", Path.join(folder, "main.py")}])
    assert {result.status, result.err} == {0, ""}

    assert String.split(result.out, "\n", trim: true) ==
             for(
               {kind, answer} <- [
                 {"a task", "answer"},
                 {"a thread", "answer"},
                 {"an operation", true}
               ],
               _ <- 1..2,
               do: inspect({kind, {:ok, answer}, true})
             )
  end
end
