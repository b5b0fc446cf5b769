"""Handlers with a second name, such as a patch gives them, and in an instance's own attributes."""

import functools

from rebeam import (
    GenPy,
    GenStateMachine,
    call,
    event,
    receive,
    run_register_process,
)


class Patched(GenPy):
    @receive("go")
    def go(self, message):
        return "class", message

    second = go


class Cached(GenPy):
    @receive("go")
    @functools.lru_cache  # noqa: B019
    def go(self, message, subject):
        return "class", message


class Machine(GenStateMachine):
    initial_state = "on"

    @event("go")
    @functools.lru_cache  # noqa: B019
    def go(self, message, current):
        return "class", message


class Lazy:
    """As proxies of settings are, before there are any."""

    def __getattr__(self, name):
        raise RuntimeError(f"asked for {name}")


class Endless:
    """As `unittest.mock.call` is."""

    def __init__(self, inner=None):
        self.inner = inner

    def __getattr__(self, name):
        return Endless(self)

    def __call__(self): ...


class Values(GenPy):
    lazy = Lazy()
    endless = Endless()

    @receive("go")
    def go(self, message):
        return "class", message


if __name__ == "__main__":
    patched, values = run_register_process(Patched), run_register_process(Values)
    print(call(patched, "go", 1)[1], call(values, "go", 1)[1])
    Patched._go = Patched.go
    print(call(patched, "go", 2)[1])
    Patched.go = lambda self, message: ("patched", *self._go(message))
    print(call(patched, "go", 3)[1])
    Patched.go = Patched._go
    print(call(patched, "go", 4)[1])
    for cls in Cached, Machine:
        one, other = cls(), cls()
        one.go = lambda message: ("instance", message)
        print(*(call(run_register_process(each), "go", 5)[1] for each in (one, other)))
