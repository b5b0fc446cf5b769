defmodule Rebeam.Tasks.StreamTest do
  # Streams of tasks: lazy, bounded, and nothing left running.
  use ExUnit.Case, async: true

  import Rebeam.TaskProgram

  test "a stream: ordered and not, failures, timeouts, and the result that is none" do
    program = """
    def work(n):
        sleep([0.2, 0.1, 0.02][n % 3])
        if n == 4:
            raise ValueError(n)
        if n == 5:
            sleep(60)
        return threading.Lock() if n == 7 else n * n
    def show(pairs):
        return [(str(status), last(value) if isinstance(value, str) else value)
                for status, value in pairs]
    def ordered():
        return show(async_stream(work, range(9), 3, timeout=0.5, linked=False))
    def unordered():
        return show(async_stream(work, range(9), 3, ordered=False, timeout=0.5, linked=False))
    owner()
    expected = call("owner", "run", "ordered")[1]
    print(*expected, sep="\\n")
    print(ordered() == expected, unordered() != expected)
    print(sorted(unordered(), key=str) == sorted(expected, key=str))
    print(call("owner", "run", "unordered")[1][:3])
    print(list(async_stream(work, [])), is_alive("owner"))
    """

    assert out(program) == [
             "('ok', 0)",
             "('ok', 1)",
             "('ok', 4)",
             "('ok', 9)",
             "('down', 'ValueError: 4')",
             "('timeout', None)",
             "('ok', 36)",
             "('down', \"TypeError: result: cannot pickle '_thread.lock' object\")",
             "('ok', 64)",
             "True True",
             "True",
             "[('ok', 4), ('ok', 1), ('ok', 0)]",
             "[] True"
           ]
  end

  test "a stream takes only as many items as may run, from endless ones too" do
    program = """
    def items():
        for n in itertools.count():
            taken.append(n)
            yield n
    def work(n):
        running.append(n)
        most.append(len(running))
        try:
            sleep(0.02)
            return n
        finally:
            running.remove(n)
    def stream():
        for ordered in (True, False):
            taken.clear()
            results = []
            for status, n in async_stream(work, items(), max_concurrency=4, ordered=ordered):
                assert len(taken) <= len(results) + 4, (taken, results)
                results.append(n)
                if len(results) == 20:
                    break
            print(sorted(results)[:10], results == sorted(results) or not ordered, max(most))
    taken, running, most = [], [], []
    owner()
    before = counts()
    call("owner", "run", "stream", timeout=60)
    print(settled(before))
    stream()
    print(settled(before))
    """

    once = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9] True 4"
    assert lines(program) == [once, once, "baseline", once, once, "baseline"]
  end

  test "a stream that is left, closed, or fed by what raises ends what runs" do
    program = """
    def work(n):
        try:
            sleep(n)
            return n
        except ActorExit:
            ended.append(n)
            raise
    def leave():
        for status, n in async_stream(work, [0, 60, 61], 3):
            break
    def close():
        stream = async_stream(work, [0, 60, 61], 3)
        next(stream)
        stream.close()
        ended.append("closed")
        return list(stream)
    def items():
        yield 0
        yield 60
        raise KeyError("items")
    def raising():
        try:
            list(async_stream(work, items(), 2))
        except KeyError as error:
            return f"{error} {ended}"
    def run(function):
        ended.clear()
        result = function()
        for _ in range(100):
            if len(ended) >= 1 + (function is not raising):
                break
            sleep(0.01)
        print(function.__name__, result, ended)
    def all_of_them():
        for function in (leave, close, raising):
            run(function)
    ended = []
    pid = owner()
    before = counts()
    all_of_them()
    call(pid, "run", "all_of_them")
    print(is_alive(pid), settled(before))
    """

    assert [leave, close, raising, leave_again, close_again, raising_again, "True baseline"] =
             lines(program)

    for {first, again} <- [{leave, leave_again}, {close, close_again}, {raising, raising_again}] do
      assert sort_numbers(first) == sort_numbers(again)
    end

    assert sort_numbers(leave) == "leave None [60, 61]"
    assert sort_numbers(close) == "close [] [60, 61, 'closed']"
    assert raising == "raising 'items' [60] [60]"
  end

  defp sort_numbers(line), do: String.replace(line, "61, 60", "60, 61")

  test "a linked stream takes its caller down; one that traps goes on" do
    program = """
    def work(n):
        if n == 2:
            raise ValueError(n)
        return n
    def stream():
        return [(str(status), n if status else last(n)) for status, n in async_stream(work, range(4), 1)]
    for kind in (Owner, Stopping):
        told = set()
        for _ in range(30):  # what the code made of its end is not the reason, however they race
            pid = owner(kind)
            status, reason = call(pid, "run", "stream")
            told.add(f"{status} {last(reason)}")
            while is_alive(pid):
                time.sleep(0.01)
        print(*told)
    pid = owner(trap=True)
    result = call(pid, "run", "stream")[1]
    time.sleep(0.1)
    print(result, len(call(pid, "saw")[1]))
    print(stream())
    """

    pairs = "[('ok', 0), ('ok', 1), ('down', 'ValueError: 2'), ('ok', 3)]"

    assert out(program) |> Enum.sort() ==
             [pairs, "#{pairs} 4", "down ValueError: 2", "down ValueError: 2"] ++
               List.duplicate("stop ValueError: 2", 30)
  end
end
