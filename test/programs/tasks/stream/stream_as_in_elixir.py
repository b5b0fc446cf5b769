import threading

from task_actors import last, owner

from rebeam import async_stream, call, is_alive, sleep


def work(n):
    sleep([0.2, 0.1, 0.02][n % 3])
    if n == 4:
        raise ValueError(n)
    if n == 5:
        sleep(60)
    return threading.Lock() if n == 7 else n * n


def show(pairs):
    return [
        (str(status), last(value) if isinstance(value, str) else value) for status, value in pairs
    ]


def ordered():
    return show(async_stream(work, range(9), 3, timeout=1.5, linked=False))


def unordered():
    return show(async_stream(work, range(9), 3, ordered=False, timeout=1.5, linked=False))


owner()
expected = call("owner", "run", "ordered")[1]
print(*expected, sep="\n")
mixed = unordered()
print(ordered() == expected, mixed != expected)
print(sorted(mixed, key=str) == sorted(expected, key=str))
print(call("owner", "run", "unordered")[1][:3])
print(list(async_stream(work, [])), is_alive("owner"))
