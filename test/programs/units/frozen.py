"""A unit that is stopped answers nobody: what is asked of it ends in time, and holds up no other."""

import asyncio
import os
import signal
import time

from waiting import freeze

from rebeam import (
    GenPy,
    Supervisor,
    call,
    call_async,
    call_many,
    cast,
    child,
    count_children,
    exit,
    is_alive,
    monitor,
    receive,
    register,
    send,
    sleep,
    whereis,
    which_children,
)
from rebeam._runtime import rebeam_info


class Actor(GenPy):
    @receive("pid")
    def os_pid(self):
        return os.getpid()

    @receive("ask")
    def ask(self, message):
        return asked(*message)

    @receive("both")
    async def both(self, message):
        frozen, free = message
        first = asyncio.ensure_future(call_async(frozen, "pid", timeout=2.5))
        status, _ = await call_async(free, "pid")
        return status.value, not first.done(), (await first)[0].value

    @receive("hang")
    def hang(self, message):
        call(message, "pid", timeout=None)


def asked(frozen, node):
    """What comes of each question, and which took too long."""
    questions = {
        "call name": (4.5, lambda: call(frozen, "pid", timeout=0.5)[0].value),
        "call name and node": (4.5, lambda: call((frozen, node), "pid", timeout=0.5)[0].value),
        "call many": (
            4.5,
            lambda: [
                status.value
                for status, _ in call_many(
                    [((frozen, node), "pid"), ("free", "pid"), (frozen, "pid")], timeout=1.0
                )
            ],
        ),
        "cast name": (4, lambda: cast(frozen, "x")),
        "cast name and node": (8, lambda: cast((frozen, node), "x")),
        "send": (8, lambda: send((frozen, node), "x")),
        "monitor": (8, lambda: type(monitor((frozen, node))).__name__),
        "whereis": (4, lambda: whereis(frozen) is not None),
        "alive": (8, lambda: is_alive(whereis(frozen))),
        "which": (4, lambda: [each[0] for each in which_children("top")]),
        "count": (4, lambda: count_children("top")["active"]),
        "info": (4, lambda: len(rebeam_info()["units"])),
    }
    for what, (limit, question) in questions.items():
        began = time.monotonic()
        answer = question()
        took = time.monotonic() - began
        print(what, "=", answer, "in time" if took < limit else f"after {took:.1f} s")
    return "asked"


def driver():
    stopped, frozen = call("frozen", "pid")[1], whereis("frozen")
    call("away", "pid")
    freeze(stopped)
    try:
        asked("frozen", frozen.node)
        print(call("away", "ask", ("frozen", frozen.node), timeout=60))
        print(call("free", "both", ("frozen", "away"), timeout=30)[1])
        print(call("free", "both", (("frozen", frozen.node), "away"), timeout=30)[1])
        try:
            register("frozen")
        except ValueError as error:
            print(str(error).partition(" by ")[0])
        for each in ("free", "away"):
            pid = whereis(each)
            cast(each, "hang", ("frozen", frozen.node))
            call(each, "pid", timeout=0.2)  # its process has begun to wait
            began = time.monotonic()
            exit(pid, "kill")
            while is_alive(pid):
                sleep(0.01)
            print("killed", time.monotonic() - began < 30)
    finally:
        os.kill(stopped, signal.SIGCONT)


if __name__ == "__main__":
    Supervisor(
        [
            child(Actor(), name="frozen", id="frozen", isolation="process"),
            child(Actor(), name="away", id="away", isolation="process"),
            child(Actor(), name="free", id="free"),
            child(driver, restart="transient", significant=True),
        ],
        name="top",
    )
