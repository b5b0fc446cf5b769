import asyncio

import uvicorn

from rebeam import *


async def application(scope, receive, send):
    while scope["type"] == "lifespan":
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            print("cleaned up", flush=True)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def tell(server):
    """A signal that comes while it starts ends it without its cleaning up."""
    while not server.started:
        await asyncio.sleep(0.01)
    print("ready", flush=True)


class Serving(GenPy):
    @start(continues=True)
    async def serve(self):
        server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning"))
        told = asyncio.create_task(tell(server))
        await server.serve()
        await told
        print("over", flush=True)


if __name__ == "__main__":
    Supervisor([Serving])
