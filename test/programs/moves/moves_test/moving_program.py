"""On each node: what moves, and those that know it."""

import threading
from dataclasses import dataclass

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    info,
    link,
    monitor,
    move,
    no_reply,
    receive,
    reply,
    self_pid,
    send_after,
    sleep,
    start,
    start_child,
    stop,
    terminate_child,
    this_node,
    trap_exit,
    whereis,
)


@dataclass
class Item:
    name: str
    count: int = 0


class Counter(GenPy):
    def __init__(self, first=0):
        self.n, self.items, self.log = first, [Item("a")], []
        self.state["kept"] = {1, 2}
        self.waiting = None

    @start()
    def begin(self):
        self.log.append("start")

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n

    @receive("slow")
    def slow(self, message):
        before = this_node()
        sleep(message)
        return before == this_node()

    @receive("look")
    def look(self):
        return self.n, self.items, sorted(self.state["kept"]), self.log

    @receive("where")
    def where(self):
        return this_node(), self_pid()

    @receive("note")
    def note(self, message):
        self.log.append(message)

    @receive("log")
    def whole_log(self):
        return self.log

    @receive("later")
    def later(self, source):
        self.waiting = source
        return no_reply()

    @receive("now")
    def now(self, message):
        reply(self.waiting, message)

    @receive("lock")
    def lock(self, message):
        self.guard = threading.Lock() if message else None

    @receive("go")
    def go(self, message):
        move(self_pid(), message)
        return this_node()

    @receive("watch")
    def watch(self, message):
        self.monitor = monitor(message)

    @receive("trap")
    def trap(self, message):
        trap_exit(True)
        link(message)

    @receive("alarm")
    def alarm(self, message):
        send_after(message, self_pid(), "note", "alarm")

    @info()
    def told(self, message):
        self.log.append(type(message).__name__)

    @receive("crash")
    def crash(self):
        raise ValueError("asked for")

    @stop()
    def end(self, reason):
        cast("notes", "stopped", (self.n, reason.splitlines()[-1], this_node()))


class Notes(GenPy):
    name = "notes"

    def __init__(self):
        self.all = []

    @receive()
    def other(self, subject, message):
        self.all.append((subject, message))

    @receive("notes")
    def notes(self):
        return self.all


class Watcher(GenPy):
    def __init__(self):
        self.heard = []

    @receive("watch")
    def watch(self, message):
        self.m = monitor(message)

    @receive("heard")
    def all_heard(self):
        return self.heard

    @info()
    def told(self, message):
        self.heard.append((type(message).__name__, str(message.reason).splitlines()[-1]))


def begin(isolation, name="counter", first=0):
    return start_child("sup", child(Counter(first), name=name, isolation=isolation, id=name))


def asked(target, subject, message=None, timeout=20.0):
    return call(target, subject, message, timeout)


def moved(target, node):
    try:
        return move(target, node)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def found(name):
    return whereis(name)


def finish(name):
    return terminate_child("sup", name)


def watcher():
    return start_child("sup", child(Watcher(), id="watcher"))


def restarted(name, before):
    pid = whereis(name)
    return pid if pid not in (None, before) else None


def tell(target, count):
    for n in range(count):
        cast(target, "note", n)


def main():
    Supervisor([child(Notes())], name="sup")


if __name__ == "__main__":
    main()
