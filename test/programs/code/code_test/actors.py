"""Actors whose module is loaded again, in the placement that the first argument names."""

import sys

import edited
from baseline import counts, settled
from edited import change, refused, taken
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    Supervisor,
    ask,
    async_,
    await_,
    child,
    reload,
    start_child,
    versions,
    whereis,
)

ISOLATION = sys.argv[1]
TEXT = """
    import asyncio
    from rebeam import *

    class Counter(GenPy):
        def __init__(self, name): self.name, self.n = name, 0
        @receive("add")
        def add(self, message):
            self.n += message
            return self.n
        @receive("wait")
        def wait(self, message):
            before = "old"
            status, found = call("gate", "pass")
            return before, self.text()
        def text(self): return "old"
        @receive("class")
        def cls(self): return type(self) is Counter, isinstance(self, Counter)

    class Async(GenPy):
        name = "async"
        @receive("wait")
        async def wait(self):
            before = "old"
            status, found = await call_async("gate", "pass")
            await asyncio.sleep(0)
            return before, await self.text()
        async def text(self): return "old"

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "off"
        @event("flip", state="off")
        def on(self): return next_state("on", "old")
        @event("flip", state="on")
        def off(self): return next_state("off", "old")

    class Gate(GenPy):
        name = "gate"
        def __init__(self): self.waiting = []
        @receive("pass")
        def wait(self, source):
            self.waiting.append(source)
            return no_reply()
        @receive("open")
        def open(self):
            for source in self.waiting: reply(source, response_ok(1))
            self.waiting = []
        @receive("count")
        def count(self): return len(self.waiting)

    def function():
        register("function")
        while True:
            sleep(3600)
    """


def main():
    m = edited.module(TEXT, "shop")
    with Supervisor([child(m.Counter(name), isolation=ISOLATION) for name in ("one", "two")]):
        pass  # the units are up
    before = counts()
    with DynamicSupervisor(name="top"):
        for item in (m.Counter("one"), m.Counter("two"), m.Async(), m.Machine(), m.Gate()):
            start_child("top", child(item, isolation=ISOLATION))
        for name in ("one", "two"):
            assert ask(name, "add", 5) == 5
        tasks = [async_(ask, name, "wait") for name in ("one", "async")]
        wait_until(lambda: ask("gate", "count") == 2)
        assert ask("machine", "flip") == "old"

        result = change(m, ('"old"', '"new"'), ("self.n += message", "self.n += 10 * message"))
        assert result.refused == () and result.actors == 4, result
        assert result.changed == (
            "Async.text",
            "Async.wait",
            "Counter.add",
            "Counter.text",
            "Counter.wait",
            "Machine.off",
            "Machine.on",
        ), result
        old = [
            (str(each.pid), each.function, each.version)
            for version in versions()
            if version.module == "shop"
            for each in version.old
        ]
        pids = {str(whereis("one")): "Counter.wait", str(whereis("async")): "Async.wait"}
        assert {(pid, function) for pid, function, _ in old} == set(pids.items()), (old, pids)
        assert ask("two", "add", 1) == 15
        ask("gate", "open")
        assert [await_(each) for each in tasks] == [("old", "new")] * 2
        assert ask("one", "add", 1) == 15 and ask("machine", "flip") == "new"
        wait_until(lambda: [v.old for v in versions() if v.module == "shop"] == [()])
        assert [v.version for v in versions() if v.module == "shop"] == [2]
        assert ask("one", "class") == (True, True)

        # Parameters of a handler, one more and one less handler, from def to async def.
        taken(
            change(
                m,
                ("def add(self, message):", "async def add(self, subject, message=0):"),
                ("return self.n", "return subject, self.n"),
                ('@receive("class")', '@receive("kind")'),
            ),
            "Counter.add",
            "Counter.cls",
        )
        assert ask("one", "add", 1) == ("add", 25) and ask("one", "kind") == (True, True)

        # What the state is to become: first on copies, of which one fails.
        more = """before, self.text()
    @code_change()
    def migrate(self, old_version):
        if self.n == 26: raise ValueError("no")
        self.total, self.before = self.n * 100, old_version
        del self.n
    @receive("total")
    def get_total(self): return self.total, self.before
"""
        assert ask("two", "add", 1) == ("add", 25) and ask("two", "add", 0.1) == ("add", 26)
        plain = "before, self.text()\n"
        refused(change(m, (plain, more)), "Counter.migrate raised ValueError: no", "copy of two")
        assert ask("two", "add", 1) == ("add", 36) and ask("one", "kind") == (True, True)
        taken(reload("shop"), "Counter.get_total", "Counter.migrate")
        assert ask("one", "total") == (2500, 3) and ask("two", "total") == (3600, 3)
        again = "if self.n == 26", "if not hasattr(self, 'n'): return\n        if self.n == 26"
        taken(
            change(m, ("self.total, self.before\n", "self.total, self.before, 1\n"), again),
            "Counter.get_total",
            "Counter.migrate",
        )
        assert ask("one", "total") == (2500, 3, 1)
        # A fresh one is of the new class from its first moment on.
        start_child("top", child(m.Counter("three"), isolation=ISOLATION))
        assert ask("three", "kind") == (True, True)
        print("done", len(pids))
    if ISOLATION != "process":
        assert settled(before) == "baseline", settled(before)


if __name__ == "__main__":
    main()
