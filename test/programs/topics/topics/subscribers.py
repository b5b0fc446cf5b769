"""Actors of each kind that keep what they are sent."""

import pathlib
import threading

from waiting import wait_until

from rebeam import *

gate = pathlib.Path(__file__).with_name("gate")
pause = threading.Event()


def hold(waits=None):
    """Works on this message until the gate is gone. `waits` does so behind it: from the actor itself,
    as messages of others go by ways of their own to a unit. What it would ask the runtime meanwhile
    would be answered by messages that wait, too."""
    if waits is not None:
        cast(ProcessID(), "x", waits)
    join("held")
    while gate.exists():
        pause.wait(0.01)
    leave("held")


def held(actor, waits=None):
    """It works on a message until `let_go`, and none waits for it, or that one."""
    gate.touch()
    cast(actor, "hold", waits)
    wait_until(lambda: members("held"))


def let_go():
    gate.unlink()
    wait_until(lambda: not members("held"))


class Subscriber(GenPy):
    def __init__(self, *topics, **terms):
        self.topics, self.terms, self.got, self.events = topics, terms, [], []

    @start()
    def subscribe(self):
        for topic in self.topics:
            subscribe(topic, **self.terms)

    @receive("do")
    def do(self, message):
        function, *arguments = message
        try:
            return function(*arguments)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    @receive("got")
    def all(self):
        return self.got

    @receive("events")
    def told(self):
        return self.events

    @receive("hold")
    def hold(self, message):
        hold(message)

    @receive()
    def message(self, subject, message, source):
        self.got.append((subject, message) if source is None else source)

    @info()
    def event(self, message):
        self.events.append(message)


class AsyncSubscriber(Subscriber):
    @start()
    async def subscribe(self):
        for topic in self.topics:
            subscribe(topic, **self.terms)

    @receive()
    async def message(self, subject, message):
        self.got.append((subject, message))


class Machine(GenStateMachine):
    initial_state = "only"

    def __init__(self, *topics, **terms):
        self.topics, self.terms, self.got, self.events = topics, terms, [], []

    @start()
    def subscribe(self):
        for topic in self.topics:
            subscribe(topic, **self.terms)

    @event("do")
    def do(self, message):
        function, *arguments = message
        return function(*arguments)

    @event("got")
    def all(self):
        return self.got

    @event("events")
    def told(self):
        return self.events

    @event("hold")
    def hold(self, message):
        hold(message)

    @event()
    def message(self, subject, message):
        self.got.append((subject, message))

    @info()
    def heard(self, message):
        self.events.append(message)


KINDS = (Subscriber, AsyncSubscriber, Machine)


def begin(cls, *topics, isolation=None, **terms):
    return run_register_process(
        child(cls(*topics, **terms), restart="temporary", isolation=isolation)
    )


def do(actor, function, *arguments, timeout=60):
    status, result = call(actor, "do", (function, *arguments), timeout)
    return result if status else (status, result)
