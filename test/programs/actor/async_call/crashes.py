import asyncio
import random
import sys
import time

from rebeam import (
    GenPy,
    Supervisor,
    call,
    call_async,
    child,
    receive,
    run_register_process,
    sleep,
    start,
)


class Worker(GenPy):
    def __init__(self, number):
        self.name, self.number = f"w{number}", number

    @start()
    async def boot(self):
        asyncio.create_task(self.background())

    async def background(self):
        while True:
            await asyncio.sleep(random.random() * 0.05)
            call(f"w{(self.number + 1) % 20}", "plain", 1, timeout=0.01)

    @receive("async")
    async def asynchronous(self, message):
        chance = random.random()
        if chance < 0.02:
            raise ValueError("planned")
        if chance < 0.03:
            sys.exit(0)
        if chance < 0.4:
            await asyncio.sleep(random.random() * 0.01)
        elif chance < 0.7:
            call(f"w{(self.number + 1 + random.randrange(18)) % 20}", "plain", 1, timeout=0.02)
        return message

    @receive("plain")
    def plain(self, message):
        if random.random() < 0.01:
            raise ValueError("planned")
        sleep(0.001)
        return message


class Client(GenPy):
    @receive("go")
    async def go(self, message):
        seen = set()

        async def ask(n):
            try:
                async with asyncio.timeout(random.choice([0.001, 0.01, 5])):
                    status, answer = await call_async(
                        f"w{random.randrange(20)}",
                        random.choice(["async", "plain"]),
                        n,
                        timeout=random.choice([0.005, 5]),
                    )
            except TimeoutError:
                return
            assert status != "ok" or answer == n, (answer, n)
            seen.add(status.value)

        end = time.monotonic() + message
        while time.monotonic() < end:
            await asyncio.gather(*(ask(n) for n in range(20)))
        return sorted(seen)


def main():
    clients = [run_register_process(Client()) for _ in range(5)]

    class All(GenPy):
        @receive("go")
        async def go(self):
            return await asyncio.gather(
                *(call_async(each, "go", 3, timeout=60) for each in clients)
            )

    answers = call(run_register_process(All()), "go", timeout=60)[1]
    print(
        all(status == "ok" for status, _ in answers),
        sorted({each for _, seen in answers for each in seen}),
    )


Supervisor(
    [Worker(n) for n in range(20)] + [child(main, restart="transient", significant=True)],
    max_restarts=100000,
    max_seconds=1,
)
