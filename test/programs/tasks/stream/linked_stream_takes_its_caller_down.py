from task_actors import Owner, Stopping, last, owner
from waiting import wait_until

from rebeam import async_stream, call, is_alive


def work(n):
    if n == 2:
        raise ValueError(n)
    return n


def stream():
    return [
        (str(status), n if status else last(n)) for status, n in async_stream(work, range(4), 1)
    ]


for kind in (Owner, Stopping):
    told = set()
    for _ in range(30):  # what the code made of its end is not the reason, however they race
        pid = owner(kind)
        status, reason = call(pid, "run", "stream")
        told.add(f"{status} {last(reason)}")
        wait_until(lambda: not is_alive(pid))
    print(*told)
pid = owner(trap=True)
result = call(pid, "run", "stream")[1]
wait_until(lambda: len(call(pid, "saw")[1]) == 4)
print(result, len(call(pid, "saw")[1]))
print(stream())
