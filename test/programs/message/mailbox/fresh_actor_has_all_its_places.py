from baseline import counts, settled
from bounded import Bounded, held
from waiting import replaced, wait_until

from rebeam import cast, run_register_process, whereis


def full():
    cast("bounded", "hold")
    wait_until(lambda: held)
    accepted = sum(cast("bounded", "add", n) for n in range(30))
    held.clear()
    return accepted


first = run_register_process(Bounded)
before = counts()
for turn in range(20):
    pid = whereis("bounded")
    if turn % 2:
        assert full() == 10
    else:
        cast(pid, "crash")
        for _ in range(30):
            cast(pid, "add", 1)
    if turn % 2:
        wait_until(lambda: cast(pid, "crash"))
    now = replaced("bounded", pid)
print(full(), settled(before))
