import threading

from spawn_actors import Owner, first, tell
from waiting import wait_until

from rebeam import async_, run_register_process, self_pid, spawn

run_register_process(Owner)


class Thing:
    def __init__(self):
        self.parts = [1]


lock = threading.Lock()
data, thing, shared, closed = [1, [2]], Thing(), {"lock": lock, "n": [1]}, [1]
same = [data, data]
changed = []


def work(data, thing, shared, same, *, keyword):
    wait_until(lambda: changed)
    tell(data, thing.parts, shared["n"], same[0] is same[1], keyword, closed)


spawn(work, data, thing, shared, same, keyword=data)
for each in (data, thing.parts, shared["n"], closed):
    each.append("later")
data[1].append("later")
changed.append(True)
print(first())


def types(*args):
    tell(*[type(each).__name__ for each in args])


spawn(types, types, lambda: 0, lock, self_pid(), b"", {1}, async_(len, ()))
print(first())
