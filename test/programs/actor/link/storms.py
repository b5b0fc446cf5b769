from baseline import counts, settled
from judge import Judge, begin, fate
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    exit,
    is_alive,
    link,
    receive,
    run_register_process,
    sleep,
    spawn_link,
    unlink,
)

run_register_process(Judge)


def rest():
    sleep(60)


class Hub(GenPy):
    @receive("go")
    def go(self, message):
        pids = [spawn_link(rest) for _ in range(message)]
        for pid in pids:
            unlink(pid)
            link(pid)
        return pids


before = counts()
for _ in range(3):
    hub = begin(Hub)
    pids = call(hub, "go", 1000, timeout=60)[1]
    exit(pids[500], "storm")
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
    print(fate(hub)[0])
pids = hub = None
print(settled(before))
