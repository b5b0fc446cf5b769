import asyncio
import contextvars
import dataclasses
import enum
import json
import pickle
import re
import time

variable = contextvars.ContextVar("variable", default=0)


def numbers():
    try:
        while True:
            got = yield variable.get()
            print("got", got)
    finally:
        print("closed")


async def worker(n):
    variable.set(n)
    await asyncio.sleep(0.01 * n)
    return n, variable.get()


async def main():
    print(await asyncio.gather(*[worker(n) for n in range(3)]))
    async with asyncio.timeout(60):
        print(await asyncio.to_thread(time.sleep, 0))
    process = await asyncio.create_subprocess_exec("echo", "sub", stdout=asyncio.subprocess.PIPE)
    print(await process.communicate())
    try:
        await asyncio.wait_for(asyncio.sleep(100), 0.01)
    except TimeoutError:
        print("timeout")


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0


class Color(enum.Enum):
    RED = "red"


def run():
    steps = numbers()
    print(next(steps), steps.send("x"))
    steps.close()
    asyncio.run(main())
    print(
        pickle.loads(pickle.dumps([Point(1), Color.RED])),
        Point.__module__,
        sorted([Point(2), Point(1)]),
    )
    print(json.dumps({"a": [1, 2.5, None]}, indent=1), re.findall(r"\w+", "a b"))
    match Point(1, 2):
        case Point(x=1, y=y):
            print("matched", y)


if __name__ == "__main__":
    run()
