import asyncio
import signal
import threading

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    CallInterrupted,
    GenPy,
    async_,
    async_stream,
    await_,
    call,
    call_many,
    receive,
    run_register_process,
    sleep,
)
from rebeam._runtime import rebeam_info


class Slow(GenPy):
    name = "slow"

    @receive("wait")
    def wait(self):
        sleep(1000)


def nap(seconds):
    sleep(seconds)


def prepared(kind):
    """What it waits for, if that is there before: who is cut off as a task starts has none to cancel."""
    return async_(nap, 1000) if kind == "await_" else None


def await_a_task(task):
    try:
        await_(task, None)
    finally:
        task.cancel()


def take_of_a_stream(_):
    stream = async_stream(nap, [1000], timeout=None)
    try:
        stream.__next__()  # next() itself would hold the event loop up
    finally:
        stream.close()


WAITS = {
    "call": lambda _: call("slow", "wait", timeout=None),
    "call_many": lambda _: call_many([("slow", "wait", None)] * 3, timeout=None),
    "await_": await_a_task,
    "next": take_of_a_stream,
    "sleep": lambda _: sleep(1000),
}


def drop(what):
    """It did not come to the wait, on a busy machine."""
    if what is not None:
        what.cancel()


async def cancelled(kind):
    """Cancelled once it waits."""
    what = prepared(kind)

    async def ask():
        WAITS[kind](what)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0.05)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    finally:
        drop(what)


class Asker(GenPy):
    name = "asker"

    @receive("asynchronous")
    async def asynchronous(self, message):
        return await cancelled(message)


class Interrupts(GenPy):
    """Its handlers end after the interruption, and it goes on."""

    name = "interrupts"

    @receive("prepare")
    def prepare(self, message):
        self.what = prepared(message)

    @receive("drop")
    def drop(self):
        drop(self.what)

    @receive("suspended")
    def suspended(self, message):
        try:
            WAITS[message](self.what)
        except CallInterrupted:
            pass

    @receive("plain")
    def plain(self, message):
        try:
            sorted([0], key=lambda _: WAITS[message](self.what))
        except CallInterrupted:
            pass


def in_a_thread(kind):
    """In a thread that has a loop of its own."""
    thread = threading.Thread(target=lambda: asyncio.run(cancelled(kind)))
    thread.start()
    thread.join()


class Alarm(Exception):
    pass


def ring(*_):
    raise Alarm


def in_the_body(kind):
    """A signal handler ends it with an exception."""
    what = prepared(kind)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        WAITS[kind](what)
    except Alarm:
        drop(what)


for each in (Slow, Asker, Interrupts):
    run_register_process(each)
signal.signal(signal.SIGALRM, ring)
for kind in WAITS:
    call("asker", "asynchronous", kind)
before = counts()
print(before["helpers"])
for kind in WAITS:
    for _ in range(3):
        call("asker", "asynchronous", kind)
        in_a_thread(kind)
        in_the_body(kind)
        for how in ("suspended", "plain"):
            call("interrupts", "prepare", kind)
            call("interrupts", how, kind, timeout=0.1, interrupt=True)
            call("interrupts", "drop")
    print(kind, settled(before))

# What is not dropped is counted.
thread = threading.Thread(target=WAITS["call_many"], args=(None,), daemon=True)
thread.start()
print(wait_until(lambda: rebeam_info()["helpers"] >= 2))
