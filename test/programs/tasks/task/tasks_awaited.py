import os

from baseline import counts, settled
from task_actors import add, owner

from rebeam import async_, async_stream, await_many, call, sleep


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
