from judge import Judge, Stopping, begin, fate, functions

from rebeam import ActorExit, call, exit, run_register_process, self_pid, sleep, spawn, trap_exit

run_register_process(Judge)


def rest(trap):
    trap_exit(trap)
    call("judge", "watch", self_pid())
    try:
        sleep(10)
    except ActorExit:
        print("cut off")
        raise


for reason in ("boom", "normal", "shutdown", "kill"):
    pid = begin(Stopping)
    exit(pid, reason)
    print(fate(pid))
    for trap in (False, True):
        pid = spawn(rest, trap)
        functions.add(pid)
        sleep(0.05)
        exit(pid, reason)
        print(fate(pid)[0])
        exit(pid, "kill")
        sleep(0.02)
