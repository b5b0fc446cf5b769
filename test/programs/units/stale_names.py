"""A name never means a process of which somebody has told that it ended."""

from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    exit,
    info,
    monitor,
    receive,
    whereis,
)

ROUNDS = 100


class Target(GenPy):
    got = 0

    @receive("count")
    def count(self):
        self.got += 1

    @receive("got")
    def told(self):
        return self.got


class Watcher(GenPy):
    """Kills the target, and when it hears of its end, asks for the name and casts by it."""

    @receive("kill")
    def kill(self, message):
        self.old = message
        self.found = None
        monitor(message)
        exit(message, "kill")

    @info()
    def note(self, message):
        found, sent = whereis("target"), cast("target", "count")
        self.found = found == self.old, sent, found

    @receive("found")
    def told(self):
        return self.found


def driver():
    for name in ("here", "away", "beside"):
        stale = lost = 0
        for _ in range(ROUNDS):
            old = wait_until(lambda: whereis("target"))
            status, _ = call("target", "got")
            if not status:
                continue
            call(name, "kill", old)
            was_old, sent, _ = wait_until(lambda: call(name, "found")[1])
            new = wait_until(lambda: (now := whereis("target")) != old and now)
            stale += was_old
            # The driver's call may come before the watcher's cast.
            lost += sent and not wait_until(lambda: call(new, "got")[1])
        print(name, stale, lost)


if __name__ == "__main__":
    Supervisor(
        [
            child(Target(), name="target", isolation="process"),
            child(Watcher(), name="away", isolation="process"),
            child(Watcher(), name="beside", isolation="process"),
            child(Watcher(), name="here"),
            child(driver, restart="transient", significant=True),
        ],
        max_restarts=100000,
    )
