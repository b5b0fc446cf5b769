from baseline import counts, settled
from monitor_actors import Watcher, saw, worker

from rebeam import (
    call,
    demonitor,
    exit,
    is_alive,
    monitor,
    receive,
    run_register_process,
    spawn_monitor,
)

run_register_process(Watcher)


class Storm(Watcher):
    name = "storm"

    @receive("many")
    def many(self, message):
        return [monitor(message) for _ in range(3000)]

    @receive("each")
    def each(self):
        both = [spawn_monitor(len, ()) for _ in range(3000)]
        return [ref for _, ref in both]

    @receive("taken back")
    def taken_back(self, message):
        for _ in range(3000):
            demonitor(monitor(message))


run_register_process(Storm)
pid = worker()
call("storm", "saw")
call("watcher", "saw")
before = counts()
refs = call("storm", "many", pid, timeout=60)[1]
call("storm", "taken back", pid, timeout=60)
exit(pid, "storm")
while is_alive(pid):
    pass
downs = saw(3000, "storm")
print(len(downs), {down.ref for down in downs} == set(refs), {down.reason for down in downs})
refs = call("storm", "each", timeout=60)[1]
downs = saw(3000, "storm")
print(len(downs), {down.ref for down in downs} == set(refs), {down.reason for down in downs})
before["actors"] -= 1  # the worker
print(settled(before))
