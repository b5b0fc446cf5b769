"""What a process grows by for each actor whose code waits, three functions deep."""

import asyncio
import functools

from bench.line import Goal, Line
from bench.lines import memory_idle

line = Line(
    "memory of a suspended actor, 3 deep", "kB", [Goal(6)], loads=["quiet"], fresh=True, slow=True
)
line.ours(100_000)(functools.partial(memory_idle.ours, "suspended"))


async def tasks(count):
    """A task that waits three coroutines deep."""

    async def first():
        await second()

    async def second():
        await third()

    async def third():
        await asyncio.sleep(1000)

    before = memory_idle.resident()
    made = [asyncio.create_task(first()) for _ in range(count)]
    await asyncio.sleep(0)
    size = (memory_idle.resident() - before) / count / 1000
    for each in made:
        each.cancel()
    return size


line.entry("asyncio", 100_000)(lambda count: asyncio.run(tasks(count)))

if __name__ == "__main__":
    line.serve()
