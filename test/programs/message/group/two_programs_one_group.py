"""A group whose members are in two programs, in their main OS processes and their units: all know all,
whoever of them is killed."""

import os
import signal
import subprocess
import sys

from waiting import wait_until

from rebeam import *


class Member(GenPy):
    def __init__(self, name):
        self.name, self.got = name, 0

    @start()
    def begin(self):
        join("group")
        self.ref, self.others = monitor_group("group")

    @receive("known")
    def known(self):
        return len(members("group")), len(self.others)

    @receive("pid")
    def os_pid(self):
        return os.getpid()

    @receive("all")
    def all(self):
        return broadcast("group", "one")

    @receive("one")
    def one(self):
        self.got += 1

    @receive("got")
    def count(self):
        return self.got

    @info()
    def change(self, message):
        if isinstance(message, Joined):
            self.others.append(message.pid)
        else:
            self.others.remove(message.pid)


def main():
    here = self_pid().node
    name, host = here.replace("here", "there").split("@")
    node = f"{name}@{host}"
    command = ["mix", "rebeam.run", "--workers", "1", "--sname", name, "--connect", here, __file__]
    other = subprocess.Popen([*command, "there"])
    everyone = ["main", "unit", ("main", node), ("unit", node)]
    wait_until(lambda: all_know(everyone, 4))
    print([call(each, "all")[1] for each in everyone])
    wait_until(lambda: [call(each, "got")[1] for each in everyone] == [4] * 4)
    for unit in ("unit", ("unit", node)):
        before = call(unit, "pid")[1]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda unit=unit, before=before: call(unit, "pid")[1] not in (None, before))
        wait_until(lambda: all_know(everyone, 4))
    os.kill(call(("main", node), "pid")[1], signal.SIGKILL)
    other.wait()
    wait_until(lambda: all_know(everyone[:2], 2))
    print("over")


def all_know(some, count):
    return all(call(each, "known") == (Status.OK, (count, count)) for each in some)


if __name__ == "__main__":
    both = [child(Member("main")), child(Member("unit"), isolation="process")]
    Supervisor(both if sys.argv[1:] == ["there"] else [*both, child(main, significant=True)])
