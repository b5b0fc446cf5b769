import asyncio
import threading

from async_actors import Slow
from waiting import wait_until

from rebeam import GenPy, Supervisor, call, child, receive, run_register_process


class Bad(GenPy):
    name = "bad"

    @receive("raise")
    async def handle(self, message):
        await self.inner(message)

    async def inner(self, message):
        await asyncio.sleep(0)
        return {}[message]

    @receive("task")
    async def task(self):
        async with asyncio.TaskGroup() as group:
            group.create_task(self.inner("in a task"))
            await asyncio.sleep(10)

    @receive("unsendable")
    async def unsendable(self):
        return threading.Lock()

    @receive("cancel")
    async def cancel(self):
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    @receive("ok")
    async def ok(self):
        return "fine"


def main():
    for subject in ("raise", "task", "unsendable", "cancel"):
        status, text = call("bad", subject, "it")
        print(status.value, text.replace("\n", "|"))
        wait_until(lambda: call("bad", "ok") == ("ok", "fine"))


run_register_process(Slow())
Supervisor([Bad, child(main, restart="transient", significant=True)], max_restarts=10)
