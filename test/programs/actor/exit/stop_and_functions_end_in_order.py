from judge import Judge, Stopping, begin, fate, functions
from waiting import wait_until

from rebeam import ActorExit, call, exit, run_register_process, self_pid, sleep, spawn, trap_exit

run_register_process(Judge)


ready, cut = [], []


def rest(trap):
    trap_exit(trap)
    call("judge", "watch", self_pid())
    try:
        ready.append(self_pid())
        sleep(100)
    except ActorExit:
        print("cut off")
        cut.append(trap)
        raise


for reason in ("boom", "normal", "shutdown", "kill"):
    pid = begin(Stopping)
    exit(pid, reason)
    print(fate(pid))
    for trap in (False, True):
        pid = spawn(rest, trap)
        functions.add(pid)
        wait_until(lambda: pid in ready)
        exit(pid, reason)
        if reason == "kill" or (reason != "normal" and not trap):
            wait_until(lambda: len(cut) == len(ready))
            wait_until(lambda: call("judge", "fate", pid)[1] != "alive")
        print(fate(pid)[0])
        exit(pid, "kill")
        wait_until(lambda: len(cut) == len(ready))
