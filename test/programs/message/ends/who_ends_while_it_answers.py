import asyncio
import sys
from collections import Counter

from baseline import counts, settled

from rebeam import (
    DynamicSupervisor,
    GenPy,
    ProcessID,
    Supervisor,
    call,
    call_async,
    child,
    exit,
    receive,
    run_register_process,
    sleep,
    spawn,
    start_child,
    terminate_child,
)


class Target(GenPy):
    @receive("sys.exit")
    def sys_exit(self):
        sys.exit(0)

    @receive("exit in a task")
    async def exit_in_a_task(self):
        await asyncio.sleep(0)
        sys.exit(0)

    @receive("exit")
    def exit(self):
        exit(ProcessID(), "shutdown")

    @receive("kill")
    def kill(self):
        exit(ProcessID(), "kill")

    @receive("killed by another")
    def killed(self):
        this = ProcessID()
        spawn(lambda: exit(this, "kill"))
        sleep(1000)

    @receive("asked to by another")
    def asked_to(self):
        this = ProcessID()
        spawn(lambda: exit(this, "because"))
        sleep(1000)

    @receive("by its supervisor")
    def by_its_supervisor(self):
        terminate_child("targets", ProcessID())


def target():
    return start_child("targets", child(Target, restart="temporary"))


class Caller(GenPy):
    @receive("suspended")
    def suspended(self, message):
        return Counter(call(target(), message, timeout=60) for _ in range(20))

    @receive("plain")
    def plain(self, message):
        answers = []
        targets = [target() for _ in range(20)]
        targets.sort(key=lambda pid: answers.append(call(pid, message, timeout=60)) or 0)
        return Counter(answers)

    @receive("asynchronous")
    async def asynchronous(self, message):
        return Counter([await call_async(target(), message, timeout=60) for _ in range(20)])


def main():
    caller = run_register_process(Caller())
    call(caller, "asynchronous", "exit", timeout=None)
    before = counts()
    for how in (
        "sys.exit",
        "exit in a task",
        "exit",
        "kill",
        "killed by another",
        "asked to by another",
        "by its supervisor",
    ):
        told = Counter()
        for kind in ("suspended", "plain", "asynchronous"):
            told += call(caller, kind, how, timeout=None)[1]
        print(how, *(f"{status} {reason} {count}" for (status, reason), count in told.items()))
    print(settled(before))


Supervisor(
    [
        DynamicSupervisor(name="targets"),
        child(main, restart="transient", significant=True),
    ],
    auto_shutdown="any_significant",
)
