from waiting import wait_until

import __main__
from rebeam import *


def named(name):
    """What is called so, by the program or here."""
    return vars(__main__).get(name) or globals()[name]


class Plain(GenPy):
    def __init__(self):
        self.saw = []

    @receive("do")
    def do(self, message):
        verb, *rest = message
        return named(verb)(*rest)

    @receive("seen")
    def seen(self):
        return self.saw

    @receive("wait")
    def wait(self, message):
        sleep(message)

    @info()
    def note(self, message):
        self.saw.append(message.reason if isinstance(message, (Exit, Down)) else message)


class Stopping(Plain):
    @stop()
    def cleanup(self, reason):
        print("stop", reason)


class Trapping(Plain):
    @start()
    def begin(self):
        assert trap_exit(True) is False


class StoppingTrap(Trapping):
    @stop()
    def cleanup(self, reason):
        print("stop", reason)


def exit_self(reason):
    exit(self_pid(), reason)
    if reason != "normal" and not trap_exit(True):
        print("went on behind its end")


def linked_end(reason):
    ended = spawn_link(end, reason)
    wait_until(lambda: not is_alive(ended))


def end(reason):
    exit(self_pid(), reason)
    sleep(10)


def link_to_dead():
    dead, ref = spawn_monitor(len, ())
    wait_until(lambda: not is_alive(dead))
    demonitor(ref)
    link(dead)


class Judge(GenPy):
    name = "judge"

    def __init__(self):
        self.downs = {}

    @receive("watch")
    def watch(self, message):
        monitor(message)

    @receive("fate")
    def fate(self, message):
        return self.downs.get(message, "alive")

    @info()
    def note(self, message):
        self.downs[message.pid] = message.reason


def begin(kind):
    pid = run_register_process(child(kind, restart="temporary"))
    call("judge", "watch", pid)
    return pid


def fate(pid):
    if pid not in functions:
        call(pid, "seen")  # what it does now is over
    # Time for what may still come: a busy machine, which needs longer for these calls, has more.
    sleep(0.1)
    for _ in range(100):
        call("judge", "fate", pid)
    status, seen = call(pid, "seen") if pid not in functions else (Status.DOWN, [])
    if status is not Status.OK:
        seen = []
        if pid not in functions:
            # Whoever asked hears of the end before the judge may.
            wait_until(lambda: call("judge", "fate", pid)[1] != "alive")
    return call("judge", "fate", pid)[1], seen


functions = set()
