import os
import subprocess
import sys
import time

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

    @receive("saw")
    def all(self):
        saw, self.saw = self.saw, []
        return sorted((type(each).__name__, each.reason) for each in saw)

    @info()
    def note(self, message):
        self.saw.append(message)


def other_pid():
    for _ in range(500):
        status, pid = call(there, "pid")
        if status:
            return pid
        time.sleep(0.05)


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
    time.sleep(0.3)
    print(call("here", "saw")[1], pid.alive())
    pid = other_pid()
    call("here", "watch", pid)
    cast(pid, "out")
    other.wait()
    time.sleep(0.3)
    print(call("here", "saw")[1])
    print(pid.alive(), is_alive(pid), call("here", "alive", pid)[1])
