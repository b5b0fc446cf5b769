import uvicorn

from rebeam import *


async def application(scope, receive, send):
    while scope["type"] == "lifespan":
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
            print("ready", flush=True)
        else:
            print("cleaned up", flush=True)
            await send({"type": "lifespan.shutdown.complete"})
            return


class Serving(GenPy):
    @start(continues=True)
    async def serve(self):
        await uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning")).serve()
        print("over", flush=True)


if __name__ == "__main__":
    Supervisor([Serving])
