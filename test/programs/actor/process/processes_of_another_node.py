import os
import subprocess
import sys

from waiting import wait_until

from rebeam import (
    GenPy,
    ProcessID,
    Supervisor,
    call,
    cast,
    exit,
    info,
    is_alive,
    link,
    monitor,
    receive,
    run_register_process,
    self_pid,
    start,
    trap_exit,
)


class There(GenPy):
    name = "there"

    @receive("pid")
    def pid(self):
        return ProcessID()

    @receive("out")
    def out(self):
        os._exit(1)


class Here(GenPy):
    name = "here"

    def __init__(self):
        self.saw = []

    @start()
    def begin(self):
        trap_exit()

    @receive("watch")
    def watch(self, message):
        link(message)
        monitor(message)

    @receive("alive")
    def alive(self, message):
        return message.alive(), is_alive(message)

    @receive("saw number")
    def number(self):
        return len(self.saw)

    @receive("saw")
    def all(self):
        saw, self.saw = self.saw, []
        return sorted((type(each).__name__, each.reason) for each in saw)

    @info()
    def note(self, message):
        self.saw.append(message)


def saw():
    "Its exit and its down."
    wait_until(lambda: call("here", "saw number")[1] == 2)
    return call("here", "saw")[1]


def other_pid():
    return wait_until(lambda: (answer := call(there, "pid"))[0] and answer[1])


if sys.argv[1:] == ["there"]:
    Supervisor(modules=[There()])
else:
    run_register_process(Here)
    here = self_pid().node
    name, host = here.replace("here", "there").split("@")
    there = ("there", f"{name}@{host}")
    command = ["mix", "rebeam.run", "--sname", name, "--connect", here, __file__, "there"]
    other = subprocess.Popen(command)
    pid = other_pid()
    print(pid.node == there[1], pid.alive(), is_alive(pid), call("here", "alive", pid)[1])
    call("here", "watch", pid)
    exit(pid, "over there")
    print(saw(), pid.alive())
    pid = other_pid()
    call("here", "watch", pid)
    cast(pid, "out")
    other.wait()
    print(saw())
    print(pid.alive(), is_alive(pid), call("here", "alive", pid)[1])
