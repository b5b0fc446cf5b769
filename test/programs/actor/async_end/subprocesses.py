import asyncio
import sys

from async_actors import Slow, helper

from rebeam import GenPy, call, receive, run_register_process


class Uses(GenPy):
    @receive("go")
    async def go(self):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "print(input()[::-1])",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate(b"hello\n")
        queue, lock = asyncio.Queue(), asyncio.Lock()

        async def produce(n):
            async with lock:
                helper(n)
                await queue.put(n)

        async with asyncio.TaskGroup() as group:
            for n in range(10):
                group.create_task(produce(n))
        return out, process.returncode, [queue.get_nowait() for _ in range(10)]


run_register_process(Slow())
print(call(run_register_process(Uses()), "go", timeout=20))
