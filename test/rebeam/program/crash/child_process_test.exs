defmodule Rebeam.Program.Crash.ChildProcessTest do
  # Child processes that actors start, in plain and async handlers; those of a body are in
  # test/rebeam/program/plain_script_test.exs. What they inherit, how they end, that none is left.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "subprocess: run, Popen, pipes, timeouts, check, statuses" do
    assert Program.lines!("program/crash/child_process/subprocess_calls.py") == [
             "output (3, 'in', 'err\\n')",
             "check -9",
             "timeout 0.1",
             "pipes (b'a\\nb\\n', 0, 0)",
             "terminated (None, -15)",
             "large 10000000",
             "missing /nowhere/at/all",
             "shells (1024, 'popen\\n')",
             "spawned 5",
             "children []"
           ]
  end

  @tag :slow
  test "a child finds the signals, descriptors and input that it would under python" do
    assert [seen, "children []"] =
             Program.lines!("program/crash/child_process/child_finds_the_signals.py")

    # As nice as the tests themselves.
    {nice, 0} = System.cmd("nice", [])
    inherited = fn input -> ~s([[], [13, 25], [0, 1, 2], "#{input}", [], #{nice}, true, true]) end

    [plain, null] =
      for input <- ["pipe", "/dev/null"], do: String.replace(inherited.(input), "\n", "")

    assert seen |> String.replace("\\n", "") ==
             "inherited " <> "['#{plain}', '#{plain}', '#{null}']"
  end

  @tag :slow
  test "many at a time, from many actors" do
    program = """
    import asyncio, subprocess
    from rebeam import *
    from doer import *
    run_register_process(Doer)
    class Runner(GenPy):
        @receive("run")
        def run(self, message):
            return subprocess.run(["sh", "-c", f"echo {message}; exit {message % 7}"], capture_output=True).returncode
        @receive("run async")
        async def run_async(self, message):
            process = await asyncio.create_subprocess_exec("sh", "-c", f"echo {message}", stdout=asyncio.subprocess.PIPE)
            out, _ = await process.communicate()
            return int(out)
    runners = [run_register_process(Runner) for _ in range(20)]
    answers = call_many([(runners[n % 20], "run", n) for n in range(200)], timeout=120)
    print([response for _, response in answers] == [n % 7 for n in range(200)])
    answers = call_many([(runners[n % 20], "run async", n) for n in range(100)], timeout=120)
    print([response for _, response in answers] == list(range(100)))
    no_children()
    """

    assert Program.lines!(program) == ["True", "True", "children []"]
  end

  @tag :slow
  test "asyncio: communicate, streams, kill, a timeout, cancelling, the actor's end" do
    assert Program.lines!("program/crash/child_process/asyncio_subprocesses.py") == [
             "communicate (b'text', 0)",
             "shell (b'got line\\n', 0)",
             "killed -9",
             "timeout ('timeout', -15)",
             "gathered #{inspect(Enum.to_list(0..19), charlists: :as_lists)}",
             "children []"
           ]
  end

  for method <- ~w(spawn forkserver) do
    @tag :slow
    test "multiprocessing with #{method}: Process, Pool, Queue, Pipe, Manager, a pool of futures" do
      program = "program/crash/child_process/multiprocessing_ways.py"
      result = Program.run(program, args: [unquote(method)], limit: 180)
      assert %{status: 0, err: ""} = result

      assert String.split(result.out, "\n", trim: true) == [
               "process ([(0, ''), (1, 'x'), (2, 'xx')], 0)",
               "failing 7",
               "pool [0, 1, 4, 9, 16]",
               "pipe {'a': [1]}",
               "manager {'a': 1, 'b': 2}",
               "futures [0, 1, 4, 9, 16]",
               "children []"
             ]
    end
  end

  @tag :slow
  test "pools that name no start method are started by forkserver, as since Python 3.14" do
    line = "[2, 4, 6] [2, 4, 6] forkserver"

    assert Program.lines!("program/crash/child_process/multiprocessing_defaults.py") == [
             line,
             line
           ]
  end

  @tag :slow
  test "fork is refused, with what to do instead, and nothing hangs" do
    names = ~w(fork forkpty pty_fork pty_spawn process pool futures hook)

    assert Program.lines!("program/crash/child_process/fork_is_refused.py") ==
             Enum.map(names, &"#{&1} True") ++ ["children []"]
  end

  @tag :slow
  test "futures on threads, from handlers" do
    program = """
    import asyncio, concurrent.futures, subprocess
    from rebeam import *
    from doer import *
    run_register_process(Doer)
    @deed
    def threads():
        with concurrent.futures.ThreadPoolExecutor(4) as executor:
            running = [executor.submit(subprocess.run, ["sh", "-c", f"exit {n}"]) for n in range(8)]
            return [each.result(60).returncode for each in running]
    everywhere("threads")
    @deed
    async def in_threads():
        done = await asyncio.gather(*(asyncio.to_thread(subprocess.run, ["sh", "-c", f"exit {n}"]) for n in range(8)))
        return [each.returncode for each in done]
    print(call("doer", "async deed", "in_threads")[1])
    no_children()
    """

    assert Program.lines!(program) == [
             "threads [0, 1, 2, 3, 4, 5, 6, 7]",
             "[0, 1, 2, 3, 4, 5, 6, 7]",
             "children []"
           ]
  end

  @tag :slow
  test "SIGCHLD reaches a handler of the user's, and children are waited for all the same" do
    program = """
    import signal, subprocess, time
    from rebeam import *
    from doer import *
    from waiting import wait_until
    run_register_process(Doer)
    seen = []
    signal.signal(signal.SIGCHLD, lambda number, frame: seen.append(number))
    @deed
    def run():
        return subprocess.run(["sh", "-c", "exit 2"]).returncode
    everywhere("run")
    wait_until(lambda: seen)
    print(len(seen) > 0, set(seen) == {signal.SIGCHLD})
    no_children()
    """

    assert Program.lines!(program) == ["run 2", "True True", "children []"]
  end

  @tag :slow
  test "a killed actor's child is the user's: it runs on until it is ended, or its input is" do
    program = """
    import subprocess, time
    from rebeam import *
    from doer import *
    from waiting import wait_until
    run_register_process(Doer)
    @deed
    def wait():
        global process
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        process.wait()
    cast("doer", "plain", "wait")
    wait_until(lambda: children() == [("cat", "S")])
    doer = whereis("doer")
    exit(doer, "kill")
    wait_until(lambda: whereis("doer") != doer)
    time.sleep(0.2)  # and what might still come to its child
    print(children())
    process.stdin.close()
    print(process.wait(10))
    no_children()
    """

    assert Program.lines!(program) == ["[('cat', 'S')]", "0", "children []"]
  end
end
