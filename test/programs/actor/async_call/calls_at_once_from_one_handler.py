import asyncio
import sys

from baseline import counts, settled

from rebeam import GenPy, call, call_async, child, receive, run_register_process


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    async def echo(self, message):
        return message


class Storm(GenPy):
    @receive("go")
    async def go(self, message):
        async def one(n):
            return (await call_async("echo", "echo", n, timeout=60))[1]

        return await asyncio.gather(*(one(n) for n in range(message))) == list(range(message))


class Dies(GenPy):
    @receive("die")
    async def die(self):
        asyncio.create_task(asyncio.sleep(100))
        await asyncio.sleep(0)
        sys.exit()


run_register_process(Echo())
storm = run_register_process(Storm())
before = counts()
print(call(storm, "go", 10_000, timeout=60))
for _ in range(300):
    status, reason = call(run_register_process(child(Dies(), restart="temporary")), "die")
    assert (status, reason) == ("down", "normal")
print(settled(before))
