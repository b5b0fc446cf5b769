import asyncio
import time

from attack_echo import Echo

from rebeam import (
    GenPy,
    Supervisor,
    call_async,
    cast,
    child,
    exit,
    receive,
    run_register_process,
    sleep,
)

told = []


class Victim(GenPy):
    @receive("ask")
    async def ask(self):
        loop = asyncio.get_running_loop()
        tell = loop.call_soon_threadsafe

        def slow(*args, **kwargs):
            loop.call_soon_threadsafe = tell
            cast("main", "telling")
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
    sleep(0.15)
    exit(victim, "kill")
    sleep(1)
    print(told)


Supervisor(modules=[Echo, child(main, restart="transient", significant=True)])
