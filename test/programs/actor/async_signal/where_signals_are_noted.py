"""add_signal_handler in a function, in a plain thread, and on Python's main thread."""

import asyncio
import os
import signal
import threading

from rebeam import *


def error(function, *args):
    try:
        return function(*args)
    except (RuntimeError, ValueError, TypeError) as raised:
        return type(raised).__name__


async def coroutine():
    pass


async def asked(which):
    loop = asyncio.get_running_loop()
    print(
        which,
        error(loop.add_signal_handler, signal.SIGTERM, print),
        error(loop.add_signal_handler, 1000, print),
        error(loop.add_signal_handler, signal.SIGKILL, print),
        error(loop.add_signal_handler, signal.SIGINT, coroutine),
        error(loop.remove_signal_handler, signal.SIGTERM),
        error(loop.remove_signal_handler, signal.SIGTERM),
        flush=True,
    )
    return loop


def function():
    loop = asyncio.run(asked("function"))
    print("closed", error(loop.add_signal_handler, signal.SIGTERM, print), flush=True)
    thread = threading.Thread(target=lambda: asyncio.run(asked("thread")))
    thread.start()
    thread.join()


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, stop.set)
    os.kill(os.getpid(), signal.SIGUSR2)
    await stop.wait()
    await asked("main")


if __name__ == "__main__":
    asyncio.run(main())
    Supervisor(
        [child(function, restart="temporary", significant=True)], auto_shutdown="any_significant"
    )
