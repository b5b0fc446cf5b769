from waiting import wait_until

from rebeam import GenPy, Supervisor, cast, child, receive, sleep, stop

waiting = []


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("wait")
    def wait(self):
        try:
            waiting.append(self)
            sleep(1000)
        finally:
            print("interrupted", self.name, flush=True)

    @stop()
    def bye(self, reason):
        sleep(0.01)
        print("stop", self.name, reason, flush=True)


def ready():
    if cast("b", "wait"):
        wait_until(lambda: waiting)
    print("ready", flush=True)
    while True:
        sleep(1000)


def tree():
    return Supervisor(
        modules=[
            Worker("a"),
            Worker("b"),
            Supervisor(modules=[Worker("c"), Worker("d")]),
            child(ready, restart="transient"),
        ]
    )
