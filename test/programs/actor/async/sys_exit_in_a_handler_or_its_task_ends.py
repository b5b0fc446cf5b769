import asyncio
import sys

from rebeam import GenPy, Supervisor, call, call_async, child, receive, run_register_process


class Exits(GenPy):
    name = "exits"

    @receive("exit")
    async def exit(self, message):
        await asyncio.sleep(0)
        sys.exit(message)

    @receive("in a task")
    async def in_task(self, message):
        async def leave():
            sys.exit(message)

        await asyncio.gather(leave(), asyncio.sleep(5))

    @receive("interrupt")
    async def interrupt(self, message):
        raise KeyboardInterrupt

    @receive("ok")
    async def ok(self):
        return "fine"


class Other(GenPy):
    name = "other"

    @receive("wait")
    async def wait(self):
        await asyncio.sleep(1)
        return "waited"


def main():
    class Waits(GenPy):
        @receive("go")
        async def go(self):
            first = asyncio.create_task(call_async("other", "wait"))
            await asyncio.sleep(0.1)
            for subject in ("exit", "in a task", "interrupt"):
                status, text = await call_async("exits", subject, 0)
                print(status.value, text.strip().split("\n")[-1])
                while await call_async("exits", "ok") != ("ok", "fine"):
                    await asyncio.sleep(0.01)
            return await first

    print(call(run_register_process(Waits()), "go", timeout=20))


Supervisor([Exits, Other, child(main, restart="transient", significant=True)], max_restarts=10)
