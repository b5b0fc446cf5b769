import time

from task_actors import Owner, Stopping, attempt, fail, last, owner

from rebeam import ActorExit, TaskError, async_, await_, call, is_alive, sleep


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
