import time

from baseline import counts
from task_actors import owner

from rebeam import ActorExit, async_, async_stream, call, exit, sleep, spawn


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
