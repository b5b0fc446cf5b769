import threading

from task_actors import add, owner
from waiting import wait_until

from rebeam import async_, await_, await_many, call, spawn


def sums():
    tasks = [async_(add, n, 1) for n in range(5)]
    nested = async_(lambda: await_(async_(lambda: await_(async_(add, 1, 2)))))
    return (
        [await_(task) for task in reversed(tasks)],
        await_(nested),
        await_many((async_(add, n, n) for n in range(3)), 2.0),
    )


owner()
print(call("owner", "run", "sums")[1])
print(sums())
thread = threading.Thread(target=lambda: print(sums()))
thread.start()
thread.join()
done = []
spawn(lambda: done.append(sums()))
wait_until(lambda: done)
print(*done)
