import threading

from task_actors import last, owner
from waiting import wait_until

from rebeam import async_stream, call, is_alive, sleep

taken = []


def work(n):
    if n == 4:
        raise ValueError(n)
    if n == 5:
        sleep(60)
    return threading.Lock() if n == 7 else n * n


def show(pairs):
    return [
        (str(status), last(value) if isinstance(value, str) else value) for status, value in pairs
    ]


def in_turn(n):
    """As `work`, but of the first three the last comes first."""
    if n < 2:
        wait_until(lambda: (n + 1) ** 2 in taken)
    return work(n)


def taking(pairs):
    taken.clear()
    for pair in pairs:
        taken.append(pair[1])
        yield pair


def ordered():
    return show(async_stream(work, range(9), 3, timeout=2.0, linked=False))


def unordered():
    pairs = async_stream(in_turn, range(9), 3, ordered=False, timeout=2.0, linked=False)
    return show(taking(pairs))


owner()
expected = call("owner", "run", "ordered")[1]
print(*expected, sep="\n")
mixed = unordered()
print(ordered() == expected, mixed != expected)
print(sorted(mixed, key=str) == sorted(expected, key=str))
print([value for _, value in call("owner", "run", "unordered")[1] if value in (0, 1, 4)])
print(list(async_stream(work, [])), is_alive("owner"))
