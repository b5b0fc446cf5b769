"""A turnstile: pushes wait until there is a coin."""

import threading

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    child,
    enter,
    event,
    keep_state,
    move,
    next_state,
    postpone,
    start_child,
    this_node,
    timeout,
    whereis,
)

RESULTS = []


class Turnstile(GenStateMachine):
    initial_state = "locked"

    def __init__(self):
        self.log, self.entered = [], 0

    @enter("locked")
    def enters(self):
        self.entered += 1

    @event("push", state="locked")
    def wait(self):
        return postpone()

    @event("push", state="open")
    def push(self):
        self.log.append("push")
        return keep_state("through")

    @event("coin")
    def coin(self):
        self.log.append("coin")
        return next_state("open", "paid")

    @event("hurry")
    def hurry(self, message):
        return keep_state("ok", timeout=message)

    @timeout(state="open")
    def late(self):
        self.log.append("timeout")
        return next_state("locked")

    @event("entered")
    def how_often(self, current):
        return keep_state((current, self.entered))

    @event("state")
    def now(self):
        return keep_state(self.state)

    @event("log")
    def all(self):
        return keep_state(self.log)

    @event("where")
    def where(self):
        return keep_state(this_node())


def begin(isolation):
    return start_child("sup", child(Turnstile(), isolation=isolation))


def asked(target, subject, message=None):
    return call(target, subject, message, 20.0)


def later(target, subject):
    threading.Thread(target=lambda: RESULTS.append(call(target, subject, None, 60.0))).start()


def result():
    return [value for status, value in RESULTS]


def moved(target, node):
    return move(target, node)


def found(name):
    return whereis(name)


if __name__ == "__main__":
    Supervisor([], name="sup")
