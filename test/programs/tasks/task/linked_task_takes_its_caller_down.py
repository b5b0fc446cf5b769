from task_actors import Owner, Stopping, attempt, fail, last, owner
from waiting import wait_until

from rebeam import ActorExit, TaskError, async_, await_, call, is_alive


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
        wait_until(lambda: not is_alive(pid))
pid = owner(trap=True)
text, task = call(pid, "run", "trapping")[1]
saw = wait_until(lambda: call(pid, "saw")[1])
print(text, [(each.pid == task, last(each.reason)) for each in saw])
print(attempt(lambda: await_(async_(fail))))
