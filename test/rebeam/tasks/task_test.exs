defmodule Rebeam.Tasks.TaskTest do
  # Tasks: results once, failures to whom they belong, and nothing left behind.
  use ExUnit.Case, async: true

  import Rebeam.TaskProgram

  test "results, in actors, functions, the script's body and threads" do
    program = """
    def sums():
        tasks = [async_(add, n, 1) for n in range(5)]
        nested = async_(lambda: await_(async_(lambda: await_(async_(add, 1, 2)))))
        return [await_(task) for task in reversed(tasks)], await_(nested), await_many(
            (async_(add, n, n) for n in range(3)), 2.0)
    owner()
    print(call("owner", "run", "sums")[1])
    print(sums())
    thread = threading.Thread(target=lambda: print(sums()))
    thread.start()
    thread.join()
    done = []
    spawn(lambda: done.append(sums()))
    while not done:
        time.sleep(0.01)
    print(*done)
    """

    assert lines(program) == List.duplicate("([5, 4, 3, 2, 1], 3, [0, 2, 4])", 4)
  end

  test "a result waits to be awaited, is taken once, and by its owner alone" do
    program = """
    def once():
        task = async_(add, 1, 2)
        sleep(0.1)
        box.append(task)
        return is_alive(task.pid), await_(task), attempt(await_, task), attempt(task.cancel)
    def foreign():
        box.append(async_(add, 1, 2))
    def steal():
        return attempt(await_, box[-1])
    def keep():
        return await_(box[-1])
    box = []
    owner()
    owner(name="thief")
    print(call("owner", "run", "once")[1])
    call("owner", "run", "foreign")
    print(call("thief", "run", "steal")[1], "|", steal())
    print(call("owner", "run", "keep"))
    print(attempt(await_, 3), attempt(cast, "owner", "x", box[-1]), attempt(async_, 3))
    print(attempt(await_, async_(add, 1), -1), attempt(await_, async_(add, 1), "1"))
    """

    again = "RuntimeError the task has been awaited or cancelled already"
    other = "RuntimeError a task is awaited by the process that started it, and no other"
    timeout = "ValueError timeout must be a non-negative number of seconds, not"

    assert lines(program) == [
             "(False, 3, '#{again}', None)",
             "#{other} | #{other}",
             "(<Status.OK: 'ok'>, 3)",
             "TypeError await_ takes a Task that async_ made, not 3 TypeError message: " <>
               "cannot pickle 'Task' object: TypeError: a Task belongs to the process that made it; send its pid " <>
               "TypeError a process runs a function, not 3",
             "#{timeout} -1 #{timeout} '1'"
           ]
  end

  test "a timeout leaves the task as it is; cancel ends it, and its caller lives" do
    program = """
    def slow(value):
        try:
            sleep(0.3)
            return value
        except ActorExit:
            ended.append(value)
            raise
    def wait():
        task = async_(slow, 1)
        first = attempt(await_, task, 0.01)
        second = attempt(await_, task, 0)
        cancelled = async_(slow, 2)
        sleep(0.05)
        cancelled.cancel()
        gone = is_alive(cancelled.pid)
        return first, second, await_(task), gone, attempt(await_, cancelled)
    def wait_many():
        tasks = [async_(slow, n) for n in range(3)]
        return attempt(await_many, tasks, 0.1), await_many(tasks, 1)
    ended = []
    for kind, name in ((Owner, "owner"), (Stopping, "stopping")):
        pid = owner(kind, name)
        print(*call(name, "run", "wait")[1])
        print(is_alive(pid), ended)
    print(*wait())
    print(*wait_many())
    """

    late = "TimeoutError the task is not over after"

    waited =
      "#{late} 0.01 s; it goes on #{late} 0.0 s; it goes on 1 False " <>
        "RuntimeError the task has been awaited or cancelled already"

    assert [^waited, "True [2]", ^waited, "True [2, 2]", ^waited, many, "stop shutdown"] =
             lines(program)

    assert many =~ ~r/^TimeoutError the task is not over after 0.\d+ s; it goes on \[0, 1, 2\]$/
  end

  test "a task that is not linked fails alone: TaskError with the reason" do
    program = """
    def badly(fn, *args):
        task = async_(fn, *args, linked=False)
        try:
            return await_(task)
        except TaskError as error:
            assert error.reason == str(error) and isinstance(error, RuntimeError)
            return last(error.reason)
    def failures():
        kill = lambda: exit(self_pid(), "kill")
        gone = async_(fail, linked=False)
        sleep(0.1)
        return [badly(fail), badly(kill), badly(sys.exit), badly(sys.exit, 3),
                badly(exit_boom), badly(threading.Lock), badly(lambda: {"a": [lambda: 0]}),
                attempt(await_, gone), attempt(await_, gone)]
    def exit_boom():
        exit(self_pid(), "boom")
    pid = owner()
    for line in call("owner", "run", "failures")[1]:
        print(line)
    print(is_alive(pid))
    print(failures() == call("owner", "run", "failures")[1])
    """

    assert [
             "ValueError: on purpose",
             "killed",
             "normal",
             "SystemExit: 3",
             "boom",
             "TypeError: result: cannot pickle '_thread.lock' object",
             "TypeError: result[\"a\"][0]: " <> _,
             "TaskError ValueError: on purpose",
             "RuntimeError the task has been awaited or cancelled already",
             "True",
             "True"
           ] = out(program)
  end

  test "a linked task takes its caller down, unless that traps exits" do
    program = """
    def linked():
        try:
            await_(async_(fail))
            print("not cut off")
        except TaskError:
            print("went on")
            raise
        except ActorExit:
            raise
    def trapping():
        task = async_(fail)
        return attempt(await_, task), task.pid
    def unawaited():
        async_(fail)
    for kind in (Owner, Stopping):
        for work in ("linked", "unawaited"):
            pid = owner(kind)
            status, reason = call(pid, "run", work)
            if work == "linked":
                print(status, last(reason))
            while is_alive(pid):
                time.sleep(0.01)
    pid = owner(trap=True)
    text, task = call(pid, "run", "trapping")[1]
    sleep(0.1)
    print(text, [(each.pid == task, last(each.reason)) for each in call(pid, "saw")[1]])
    print(attempt(lambda: await_(async_(fail))))
    """

    crash = "ValueError: on purpose"

    lines = out(program)

    assert lines |> Enum.take(4) |> Enum.sort() == [
             "down #{crash}",
             "down #{crash}",
             "stop #{crash}",
             "stop #{crash}"
           ]

    assert Enum.drop(lines, 4) == [
             "TaskError #{crash} [(True, '#{crash}')]",
             "TaskError #{crash}"
           ]
  end

  test "the other way round: a caller that fails takes linked tasks down, and no others" do
    program = """
    def work(name):
        try:
            sleep(0.3)
            print(name, "done", flush=True)
        except ActorExit:
            print(name, "cut off", flush=True)
            raise
    def start():
        box.extend([async_(work, "linked"), async_(work, "free", linked=False)])
        box.append(async_stream(work, ["stream"], linked=False))
        box.append(spawn(next, box[-1]))
        sleep(0.1)
    box = []
    for reason in ("boom", "normal"):
        pid = owner()
        before = counts()
        call(pid, "run", "start")
        print(reason)
        exit(pid, reason)
        time.sleep(0.5)
        box.clear()
    """

    assert lines(program) |> Enum.sort() ==
             Enum.sort(
               ["boom", "linked cut off", "free done", "stream done"] ++
                 ["normal", "linked done", "free done", "stream done"]
             )
  end

  test "bad arguments" do
    program = """
    for args, kwargs in (((3, []), {}), ((add, 3), {}), ((add, [], 0), {}), ((add, [], "2"), {}),
                         ((add, []), {"timeout": -1}), ((add, []), {"timeout": "1"})):
        print(attempt(lambda: async_stream(*args, **kwargs)))
    """

    assert lines(program) == [
             "TypeError a process runs a function, not 3",
             "TypeError 'int' object is not iterable",
             "ValueError max_concurrency is a whole number from 1 on, not 0",
             "ValueError max_concurrency is a whole number from 1 on, not '2'",
             "ValueError timeout must be a non-negative number of seconds, not -1",
             "ValueError timeout must be a non-negative number of seconds, not '1'"
           ]
  end

  test "a result that cannot be rebuilt" do
    program = """
    class Odd:
        def __reduce__(self):
            return int, ("odd",)
    def odd():
        return Odd()
    print(attempt(lambda: await_(async_(odd))))
    print([(str(status), value) for status, value in async_stream(lambda n: Odd(), [1])])
    """

    assert [
             "TaskError the result cannot be rebuilt: " <> _,
             "[('down', \"the result cannot be rebuilt: " <> _
           ] = lines(program)
  end

  @tag timeout: 300_000
  test "10,000 tasks, awaited, dropped and cancelled: nothing stays" do
    program = """
    def awaited():
        return sum(await_many([async_(add, n) for n in range(10_000)], 60))
    def dropped():
        for n in range(3_000):
            async_(add, n)
    def cancelled():
        for task in [async_(sleep, 60) for n in range(300)]:
            task.cancel()
    def streamed():
        return sum(value for _, value in async_stream(add, range(5_000), 500, timeout=60))
    def threads():
        return len(os.listdir("/proc/self/task"))
    owner()
    before, before_threads = counts(), threads()
    for work in ("awaited", "dropped", "cancelled", "streamed"):
        print(work, call("owner", "run", work, timeout=None)[1], settled(before))
    print(threads() - before_threads <= 3)
    """

    assert lines(program, limit: 200) == [
             "awaited 49995000 baseline",
             "dropped None baseline",
             "cancelled None baseline",
             "streamed 12497500 baseline",
             "True"
           ]
  end
end
