"""aiohttp's server, of which no request has to do with actors. A client in a process of its own keeps
eight connections busy."""

import asyncio
import functools
import subprocess
import sys
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call_async, receive

line = Line(
    "a web request, no actors",
    "us",
    [Goal(1 / 0.97, "python", words="0.97 of python's requests")],
)
CONNECTIONS = 8


class Stock(GenPy):
    name = "stock"

    @receive("take")
    def take(self, message):
        return message + 1


def plain():
    from aiohttp import web

    async def answer(request):
        return web.Response(text="hello")

    return web, answer


def calling():
    from aiohttp import web

    async def answer(request):
        _, left = await call_async("stock", "take", 1)
        return web.Response(text=f"hello {left}")

    return web, answer


async def served(handler, count):
    """Microseconds a request of `count`."""
    web, answer = handler()
    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    command = [sys.executable, __file__, "client", str(port), str(count)]
    client = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    said, _ = await client.communicate()
    await runner.cleanup()
    return float(said)


async def client(port, count):
    async def connection(requests):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(requests):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
        writer.close()

    each = max(count // CONNECTIONS, 1)
    # The first ones warm the server up.
    await asyncio.gather(*[connection(10) for _ in range(CONNECTIONS)])
    begin = time.perf_counter()
    await asyncio.gather(*[connection(each) for _ in range(CONNECTIONS)])
    print((time.perf_counter() - begin) * 1e6 / (each * CONNECTIONS))


def ours(handler, count):
    with Supervisor([Stock]):
        return asyncio.run(served(handler, count))


needs = ("aiohttp",)
line.ours(4_000)(functools.partial(ours, plain))
line.entry("python", 4_000, *needs)(lambda count: asyncio.run(served(plain, count)))

if __name__ == "__main__":
    if sys.argv[1] == "client":
        asyncio.run(client(*map(int, sys.argv[2:])))
    else:
        line.serve()
