"""A function that runs an event loop, in which each wait hears of the end, and the next is another."""

import asyncio

from waiting import wait_until

from rebeam import (
    ActorExit,
    GenPy,
    call_async,
    child,
    exit,
    is_alive,
    receive,
    run_register_process,
    sleep,
)

COUNT = 100
begun = []
heard = []


class Slow(GenPy):
    name = "slow"

    @receive("never")
    def never(self):
        sleep(1000)


async def wait(number):
    begun.append(number)
    try:
        await call_async("slow", "never", timeout=None)
    except ActorExit:
        try:
            await call_async("slow", "never", timeout=1.0)
            heard.append("once")
        except ActorExit:
            heard.append("twice")


def loops():
    async def main():
        await asyncio.gather(*map(wait, range(COUNT)))

    asyncio.run(main())


run_register_process(Slow)
pid = run_register_process(child(loops, restart="temporary"))
wait_until(lambda: len(begun) == COUNT)
exit(pid, "shutdown")
wait_until(lambda: not is_alive(pid))
print(heard.count("once"), heard.count("twice"))
