from task_actors import add, attempt, owner
from waiting import wait_until

from rebeam import async_, await_, call, cast, is_alive


def once():
    task = async_(add, 1, 2)
    wait_until(lambda: not is_alive(task.pid))
    box.append(task)
    return is_alive(task.pid), await_(task), attempt(await_, task), attempt(task.cancel)


def foreign():
    box.append(async_(add, 1, 2))


def steal():
    return attempt(await_, box[-1])


def keep():
    return await_(box[-1])


box = []
owner()
owner(name="thief")
print(call("owner", "run", "once")[1])
call("owner", "run", "foreign")
print(call("thief", "run", "steal")[1], "|", steal())
print(call("owner", "run", "keep"))
print(attempt(await_, 3), attempt(cast, "owner", "x", box[-1]), attempt(async_, 3))
print(attempt(await_, async_(add, 1), -1), attempt(await_, async_(add, 1), "1"))
