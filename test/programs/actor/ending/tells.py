import asyncio
import sys
import threading

from waiting import wait_until

from rebeam import (
    ActorExit,
    DynamicSupervisor,
    GenPy,
    call,
    cast,
    child,
    exit,
    receive,
    run_register_process,
    send,
    sleep,
    start_child,
    stop,
    terminate_child,
    whereis,
)

PLACES = ("suspended", "called", "on its thread", "computing", "event", "asyncio.run", "async def")


def attempt(verb, *args):
    try:
        return verb(*args)
    except ActorExit:
        return "ActorExit"


def tell(what):
    """By names that this actor has not looked up before, and then by those that it has."""
    told = [
        attempt(cast, "sink", "note", what),
        attempt(send, "sink", what),
        attempt(whereis, "nobody"),
        attempt(cast, "sink", "note", what),
        str(attempt(call, "sink", "ask")),
        attempt(sleep, 0.001),
    ]
    print(what, *told, flush=True)
    attempt(cast, "sink", "told", what)


class Sink(GenPy):
    name = "sink"

    def __init__(self):
        self.heard = {"ready": [], "note": [], "told": [], "del": []}

    @receive("ask")
    def ask(self):
        return "asked"

    @receive("never")
    def never(self):
        sleep(1000)

    @receive("heard")
    def all(self, message):
        return self.heard[message]

    @receive()
    def other(self, subject, message):
        self.heard[subject].append(message)


class Patient(Sink):
    """Whom others wait for."""

    name = "patient"


class Holder(GenPy):
    @receive("suspended")
    def suspended(self):
        try:
            cast("sink", "ready", "suspended")
            sleep(1000)
        finally:
            tell("suspended")

    @receive("called")
    def called(self):
        try:
            cast("sink", "ready", "called")
            call("patient", "never", timeout=None)
        finally:
            tell("called")

    @receive("on its thread")
    def on_its_thread(self):
        try:
            cast("sink", "ready", "on its thread")
            list(map(sleep, [1000]))
        finally:
            tell("on its thread")

    @receive("computing")
    def computing(self):
        n = 0
        try:
            cast("sink", "ready", "computing")
            while True:
                n += 1
        finally:
            tell("computing")

    @receive("event")
    def event(self):
        try:
            cast("sink", "ready", "event")
            threading.Event().wait()
        finally:
            tell("event")

    @receive("asyncio.run")
    def running(self):
        async def main():
            try:
                cast("sink", "ready", "asyncio.run")
                await asyncio.sleep(1000)
            finally:
                tell("asyncio.run")

        asyncio.run(main())

    @receive("async def")
    async def asynchronous(self):
        try:
            cast("sink", "ready", "async def")
            await asyncio.sleep(1000)
        finally:
            tell("async def")

    def __del__(self):
        cast("sink", "del", type(self).__name__)


class Stopping(Holder):
    @stop()
    def end(self):
        tell("@stop")


def heard(subject, count):
    wait_until(lambda: len(call("sink", "heard", subject)[1]) >= count)


def drive(where):
    told = 0
    works = [(Holder, each, kill) for each in PLACES for kill in (False, True)]
    for cls, what, kill in (*works, (Stopping, "suspended", False)):
        pid = start_child(
            "holders", child(cls, restart="temporary", shutdown=60.0, isolation=where)
        )
        ready = len(call("sink", "heard", "ready")[1])
        cast(pid, what)
        heard("ready", ready + 1)
        sleep(0.05)
        exit(pid, "kill") if kill else terminate_child("holders", pid)
        told += 2 if cls is Stopping else 1
        heard("told", told)
        heard("del", 1)  # others may be part of a cycle, as asyncio makes them
    heard("note", 2 * told)


if __name__ == "__main__":
    for item in (Sink, Patient, DynamicSupervisor(name="holders")):
        run_register_process(item)
    drive(sys.argv[1])
