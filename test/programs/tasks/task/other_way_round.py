from baseline import counts
from task_actors import owner
from waiting import wait_until

from rebeam import ActorExit, async_, async_stream, call, exit, spawn


def work(name):
    try:
        begun.append(name)
        wait_until(lambda: released)
        print(name, "done", flush=True)
    except ActorExit:
        print(name, "cut off", flush=True)
        raise
    finally:
        over.append(name)


def start():
    box.extend([async_(work, "linked"), async_(work, "free", linked=False)])
    box.append(async_stream(work, ["stream"], linked=False))
    box.append(spawn(next, box[-1]))
    wait_until(lambda: len(begun) == 3)


box, begun, over, released = [], [], [], []
for reason in ("boom", "normal"):
    pid = owner()
    before = counts()
    call(pid, "run", "start")
    print(reason)
    exit(pid, reason)
    call(pid, "saw")  # behind the signal
    wait_until(lambda: over or reason == "normal")
    released.append(True)
    wait_until(lambda: len(over) == 3)
    for each in (box, begun, over, released):
        each.clear()
