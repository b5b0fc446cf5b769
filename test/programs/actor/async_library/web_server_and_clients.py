import asyncio

import aiohttp
import httpx
from aiohttp import web

from rebeam import (
    GenPy,
    Supervisor,
    call,
    call_async,
    call_many,
    child,
    receive,
    run_register_process,
    start,
)


class Store(GenPy):
    name = "store"

    def __init__(self):
        self.n = 0

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n


def helper(n):
    return call("store", "add", n)  # plain def, reached from aiohttp's handler


class Server(GenPy):
    name = "server"

    @start()
    async def boot(self):
        app = web.Application()

        async def add(request):
            status, total = await call_async("store", "add", int(request.match_info["n"]))
            return web.json_response({"status": status, "total": total})

        async def plain(request):
            status, total = helper(int(request.match_info["n"]))
            return web.json_response({"status": status, "total": total})

        app.router.add_get("/add/{n}", add)
        app.router.add_get("/plain/{n}", plain)
        runner = web.AppRunner(app)
        await runner.setup()
        self.site = web.TCPSite(runner, "127.0.0.1", 0)
        await self.site.start()
        self.port = self.site._server.sockets[0].getsockname()[1]

    @receive("port")
    def p(self):
        return self.port


class Client(GenPy):
    @receive("run")
    async def run(self, message):
        port = message
        async with httpx.AsyncClient() as client, aiohttp.ClientSession() as session:
            a = [client.get(f"http://127.0.0.1:{port}/add/1") for _ in range(50)]
            r = await asyncio.gather(*a)

            async def one():
                async with session.get(f"http://127.0.0.1:{port}/plain/2") as resp:
                    return (await resp.json())["total"]

            s = await asyncio.gather(*[one() for _ in range(50)])
            return max(x.json()["total"] for x in r), max(s)


def main():
    run_register_process(Store)
    run_register_process(Server)
    port = call("server", "port")[1]
    pids = [run_register_process(Client()) for _ in range(5)]
    out = call_many([(p, "run", port) for p in pids], timeout=60)
    print(*[status for status, _ in out])
    print(call("store", "add", 0)[1])


Supervisor(modules=[child(main, restart="transient", significant=True)])
