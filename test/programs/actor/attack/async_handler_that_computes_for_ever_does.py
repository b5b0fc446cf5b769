import asyncio

from waiting import wait_until

from rebeam import GenPy, Supervisor, call, cast, child, exit, receive, run_register_process
from rebeam._runtime import rebeam_info

begun, seen = [], []


async def compute(name):
    try:
        number = 0
        seen.append(name)
        while True:
            number += 1
    finally:
        seen.append("killed")


class Mixed(GenPy):
    @receive("handler")
    async def handler(self):
        await compute("handler")

    @receive("task")
    async def task(self):
        await asyncio.gather(asyncio.sleep(100), compute("task"))

    @receive("patient")
    async def patient(self):
        try:
            begun.append("patient")
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(1)
            seen.append("cleaned up")

    @receive("ask")
    async def ask(self, message):
        await asyncio.sleep(0)
        return message


def main():
    other = run_register_process(Mixed)
    for subject in ("handler", "task", "patient"):
        victim = run_register_process(child(Mixed, restart="temporary"))
        cast(victim, subject)
        wait_until(lambda: subject in seen + begun)
        exit(victim, "kill")
        print(*call(other, "ask", subject, timeout=20))
    wait_until(lambda: "cleaned up" in seen)
    wait_until(lambda: not rebeam_info()["abandoned"])
    print(seen)


Supervisor(modules=[child(main, restart="transient", significant=True)])
