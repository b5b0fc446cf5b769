import itertools

from baseline import counts, settled
from task_actors import owner
from waiting import wait_until

from rebeam import async_stream, call, sleep


def items():
    for n in itertools.count():
        taken.append(n)
        yield n


def work(n):
    running.append(n)
    most.append(len(running))
    try:
        wait_until(lambda: max(most) >= 4)
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
