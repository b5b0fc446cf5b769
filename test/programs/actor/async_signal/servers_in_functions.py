"""Servers as functions under supervision: each ends as on a signal."""

import asyncio
import signal

import uvicorn
import uvloop
from aiohttp import web
from quart import Quart

from rebeam import *

WAIT_FOR = 5


def telling(name, what):
    async def tell(*_):
        await told(name, what)

    return tell


async def told(name, what):
    if what == "up":
        cast("all", "serves")
    else:
        print(name, "cleaned up", flush=True)


def aiohttp_server():
    application = web.Application()
    application.on_cleanup.append(telling("aiohttp", "down"))
    # What it prints comes when it serves: only then a signal has it clean up.
    web.run_app(application, port=0, print=lambda _: cast("all", "serves"))
    print("aiohttp returned", flush=True)


def quart_server():
    application = Quart("main")
    application.before_serving(telling("quart", "up"))
    application.after_serving(telling("quart", "down"))
    application.run(port=0)
    print("quart returned", flush=True)


async def application(scope, receive, send):
    while scope["type"] == "lifespan":
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await told("uvicorn", "down")
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


begin = uvicorn.Server.startup


async def startup(server, sockets=None):
    """A signal that comes during it ends the server without its cleaning up."""
    await begin(server, sockets)
    await told("uvicorn", "up")


uvicorn.Server.startup = startup


def uvicorn_server():
    uvicorn.run(application, port=0, log_level="warning")
    print("uvicorn returned", flush=True)


async def until_told(name):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    cast("all", "serves")
    await stop.wait()
    await told(name, "down")


def asyncio_server():
    asyncio.run(until_told("asyncio"))
    print("asyncio returned", flush=True)


def uvloop_server():
    uvloop.run(until_told("uvloop"))
    print("uvloop returned", flush=True)


class All(GenPy):
    name = "all"
    left = WAIT_FOR

    @receive("serves")
    def serves(self):
        self.left -= 1
        if self.left == 0:
            print("ready", flush=True)


if __name__ == "__main__":
    servers = [aiohttp_server, quart_server, uvicorn_server, asyncio_server, uvloop_server]
    Supervisor([All, *(child(each, shutdown=20.0) for each in servers)])
