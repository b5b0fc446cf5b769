from baseline import counts, settled
from task_actors import owner
from waiting import wait_until

from rebeam import ActorExit, async_stream, call, is_alive, sleep


def work(n):
    try:
        begun.append(n)
        if n == 0:
            wait_until(lambda: len(begun) == at_once)
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
    global at_once
    at_once = 2 if function is raising else 3
    begun.clear()
    ended.clear()
    result = function()
    wait_until(lambda: len(ended) >= 1 + (function is not raising))
    print(function.__name__, result, ended)


def all_of_them():
    for function in (leave, close, raising):
        run(function)


begun, ended = [], []
pid = owner()
before = counts()
all_of_them()
call(pid, "run", "all_of_them")
print(is_alive(pid), settled(before))
