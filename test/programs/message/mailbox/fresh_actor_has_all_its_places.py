from baseline import counts, settled
from bounded import Bounded

from rebeam import cast, run_register_process, sleep, whereis


def full():
    cast("bounded", "block", 0.1)
    sleep(0.03)
    return sum(cast("bounded", "add", n) for n in range(30))


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
        cast(pid, "block", 0)
        while not cast(pid, "crash"):
            sleep(0.001)
    while (now := whereis("bounded")) in (None, pid):
        sleep(0.001)
sleep(0.05)
print(full(), settled(before))
