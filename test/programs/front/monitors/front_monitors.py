"""Actors that see the ends of an application's processes, and end themselves."""

import sys

from rebeam import (
    GenPy,
    Supervisor,
    child,
    demonitor,
    info,
    link,
    monitor,
    monitor_group,
    receive,
    trap_exit,
)


class Watcher(GenPy):
    def __init__(self, name):
        self.name, self.seen, self.last = name, [], None

    @receive("monitor")
    def watch(self, message):
        self.last = monitor(message)

    @receive("demonitor")
    def forget(self):
        return demonitor(self.last)

    @receive("group")
    def watch_group(self, message):
        monitor_group(message)

    @receive("trap and link")
    def trap_and_link(self, message):
        trap_exit(True)
        link(message)

    @receive("link")
    def link_to(self, message):
        trap_exit(False)
        link(message)

    @receive("raise")
    def fail(self, message):
        raise ValueError(message)

    @receive("seen")
    def what_was_seen(self):
        seen, self.seen = self.seen, []
        return seen

    @info()
    def note(self, message):
        self.seen.append([type(message).__name__, message.pid, getattr(message, "reason", None)])


def main():
    Supervisor(
        [
            child(Watcher("near"), restart="temporary"),
            child(Watcher("apart"), isolation=sys.argv[1], restart="temporary"),
        ]
    )


if __name__ == "__main__":
    main()
