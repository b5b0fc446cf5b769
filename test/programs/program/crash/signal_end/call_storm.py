from waiting import wait_until

from rebeam import GenPy, Supervisor, call, call_async, cast, child, receive, sleep, stop

begun = []
log = open("log", "a", buffering=1)


class Node(GenPy):
    def __init__(self, n):
        self.name = f"node{n}"
        self.n = n

    @receive("turn")
    def turn(self, message):
        return message + 1

    @receive("run")
    def run(self):
        try:
            begun.append(self)
            total = 0
            while True:
                total = call(f"node{(self.n + 20) % 40}", "turn", total)[1]
        finally:
            log.write(f"finally {self.n}\n")

    @receive("run on a thread")
    def run_on_thread(self):
        try:
            begun.append(self)
            while True:
                max([0], key=lambda _: call(f"node{(self.n + 20) % 40}", "turn", 1)[1])
        finally:
            log.write(f"finally {self.n}\n")

    @receive("run in asyncio")
    async def run_in_asyncio(self):
        try:
            begun.append(self)
            while True:
                await call_async(f"node{(self.n + 20) % 40}", "turn", 1)
        finally:
            log.write(f"finally {self.n}\n")

    @stop()
    def bye(self, reason):
        log.write(f"stop {self.n} {reason}\n")


def ready():
    ways = ("run", "run on a thread", "run in asyncio")
    told = sum(cast(f"node{n}", ways[n % 3]) for n in range(20))
    wait_until(lambda: len(begun) == told)
    sleep(0.1)  # of that storm
    print("ready", flush=True)
    sleep(1000)


def storm():
    return Supervisor([Node(n) for n in range(40)] + [child(ready, restart="transient")])
