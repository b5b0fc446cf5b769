"""What the programs in this folder start on nodes."""

from rebeam import (
    GenPy,
    GenStateMachine,
    GlobalName,
    Supervisor,
    child,
    event,
    fence,
    merge,
    receive,
    register,
    registered,
    restart_child,
    run_register_process,
    unregister,
    whereis_global,
    which_children,
)


class Named(GenPy):
    def __init__(self, split=None):
        self.split, self.items = split, set()

    @receive("register")
    def register(self, message):
        return attempt(lambda: register(message, "cluster", self.split) or fence())

    @receive("unregister")
    def unregister(self, message):
        unregister(message, "cluster")

    @receive("fence")
    def fence(self, message):
        return attempt(lambda: fence(message))

    @receive("add")
    def add(self, message):
        self.items.add(message)
        return len(self.items)

    @receive("items")
    def all(self):
        return self.items


class Merging(Named):
    @merge()
    def both(self, other_state):
        assert set(other_state) == {"split", "items"}
        self.items |= other_state["items"]


class Awaiting(Merging):
    @receive("register")
    async def register(self, message):
        return attempt(lambda: register(message, "cluster", self.split) or fence())

    @merge()
    async def both(self, other_state):
        self.items |= other_state["items"]


class Anything(Named):
    """It has a handler of all subjects, which none of the runtime's own is for."""

    @receive()
    def other(self, subject):
        self.items.add(subject)


class Machine(GenStateMachine):
    initial_state = "on"

    @event("register")
    def register(self, message):
        return attempt(lambda: register(message, "cluster", "both") or fence())


def attempt(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def who(name):
    return whereis_global(name)


def names():
    return registered("cluster")


def children():
    return [(each.id, each.state) for each in which_children("supervisor")]


def grow(placed):
    single = child(Named(), id="single", name=GlobalName("single"), **placed)
    sibling = child(Named(), id="sibling", name="sibling")
    return run_register_process(Supervisor([single, sibling], name="supervisor"))


def again():
    return attempt(lambda: restart_child("supervisor", "single"))
