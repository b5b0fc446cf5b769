from task_actors import Owner, Stopping, attempt, owner
from waiting import wait_until

from rebeam import ActorExit, async_, await_, await_many, call, is_alive, sleep


def slow(value):
    try:
        begun.append(value)
        while value not in released:
            sleep(0.01)
        return value
    except ActorExit:
        ended.append(value)
        raise


def wait():
    released.clear()
    task = async_(slow, 1)
    first = attempt(await_, task, 0.01)
    second = attempt(await_, task, 0)
    released.add(1)
    cancelled = async_(slow, 2)
    wait_until(lambda: begun[-1:] == [2])
    cancelled.cancel()
    gone = is_alive(cancelled.pid)
    return first, second, await_(task), gone, attempt(await_, cancelled)


def wait_many():
    released.clear()
    tasks = [async_(slow, n) for n in range(3)]
    late = attempt(await_many, tasks, 0.1)
    released.update(range(3))
    return late, await_many(tasks, 60)


begun, ended, released = [], [], set()
for kind, name in ((Owner, "owner"), (Stopping, "stopping")):
    pid = owner(kind, name)
    print(*call(name, "run", "wait")[1])
    print(is_alive(pid), ended)
print(*wait())
print(*wait_many())
