import asyncio
import time

from attack_echo import Echo
from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call_async,
    cast,
    child,
    exit,
    receive,
    run_register_process,
)

begun, told = [], []


class Victim(GenPy):
    @receive("ask")
    async def ask(self):
        loop = asyncio.get_running_loop()
        tell = loop.call_soon_threadsafe

        def slow(*args, **kwargs):
            loop.call_soon_threadsafe = tell
            begun.append("telling")
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                pass
            told.append("told")
            return tell(*args, **kwargs)

        loop.call_soon_threadsafe = slow
        await call_async("echo", "echo", 1)


def main():
    victim = run_register_process(child(Victim, restart="temporary"))
    cast(victim, "ask")
    wait_until(lambda: begun)
    exit(victim, "kill")
    wait_until(lambda: told)
    print(told)


Supervisor(modules=[Echo, child(main, restart="transient", significant=True)])
