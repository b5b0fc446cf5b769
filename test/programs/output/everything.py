"""Prints in every way, in the body and in the handlers of an actor in each isolation."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import warnings

from rebeam import (
    GenPy,
    Supervisor,
    async_,
    await_,
    child,
    receive,
    run_register_process,
    spawn_monitor,
    start,
    stop,
)


def everything(who):
    print(who, "print")
    print(who, "stderr", file=sys.stderr)
    sys.stdout.buffer.write(f"{who} bytes é\n".encode())
    logging.warning("%s logging", who)
    warnings.warn(f"{who} warning", stacklevel=1)
    subprocess.run(["echo", who, "child"], check=True)
    subprocess.run(f"echo {who} child error >&2", shell=True, check=True)
    assert os.system(f"echo {who} system; exit 3") == 3 << 8
    os.write(sys.stdout.fileno(), f"{who} descriptor\n".encode())
    in_thread = threading.Thread(target=print, args=(who, "thread"))
    in_thread.start()
    in_thread.join()
    assert not sys.stdout.isatty()


def excepthook(who):
    raiser = threading.Thread(target=lambda: 1 / 0, name=f"{who} raiser")
    raiser.start()
    raiser.join()


async def asynchronous(who):
    print(who, "task")
    await asyncio.to_thread(print, who, "to_thread")
    process = await asyncio.create_subprocess_exec("echo", who, "async child")
    await process.wait()


class Printer(GenPy):
    def __init__(self, who):
        self.name = who

    @receive("everything")
    def all(self):
        everything(self.name)
        excepthook(self.name)

    @receive("async")
    async def asynchronously(self):
        await asynchronous(self.name)

    @receive("start")
    def start_others(self):
        await_(async_(print, self.name, "async_"))
        run_register_process(Started(f"{self.name} started"))
        spawn_monitor(print, self.name, "spawned")
        plain = threading.Thread(
            target=run_register_process, args=(Started(f"{self.name} by thread"),)
        )
        plain.start()
        plain.join()

    @receive("print")
    def print_it(self, message):
        print(message)

    @stop()
    def tell(self):
        print(self.name, "stop", end="")


class Started(GenPy):
    def __init__(self, label):
        self.label = label

    @start()
    def tell(self):
        print(self.label)


if __name__ == "__main__":
    everything("body")
    excepthook("body")
    asyncio.run(asynchronous("body"))
    Supervisor([child(Printer(each), isolation=each) for each in sys.argv[1:]])  # type: ignore[arg-type]
    print("no line's end", end="")
