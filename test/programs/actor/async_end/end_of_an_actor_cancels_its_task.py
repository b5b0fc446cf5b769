import asyncio
import sys

from baseline import counts, settled
from waiting import replaced, wait_until

from rebeam import (
    ONE_FOR_ALL,
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    no_reply,
    receive,
    run_register_process,
    stop,
    whereis,
)


class Silent(GenPy):
    name = "silent"

    @receive("ask")
    def ask(self):
        return no_reply()


def asks():
    call("silent", "ask", timeout=None)


class Long(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("long")
    async def long(self, message):
        asyncio.create_task(self.beside(message))
        try:
            begun.append(self.name)
            await asyncio.sleep(100) if message != "call" else asks()
        except BaseException as error:
            print(self.name, type(error).__name__, flush=True)
            raise
        finally:
            await asyncio.sleep(0.01)
            print(self.name, "finally", flush=True)

    async def beside(self, message):
        try:
            await asyncio.sleep(100)
        finally:
            print(self.name, "task", flush=True)

    @receive("ok")
    async def ok(self):
        return "fine"

    @stop()
    async def end(self, reason):
        await asyncio.sleep(0.01)
        print(self.name, "stop", reason.split("\n")[0], flush=True)


class Killer(GenPy):
    name = "killer"

    @receive("die")
    def die(self):
        sys.exit(3)


begun = []
run_register_process(Silent)


def main():
    before = counts()
    for name, message in (("b", "sleep"), ("c", "call"), ("k", "sleep")):
        cast(name, "long", message)
    wait_until(lambda: sorted(begun) == ["a", "b", "c", "k"])
    old = {name: whereis(name) for name in "bck"}
    cast("killer", "die")
    for name in "bck":
        replaced(name, old[name])
    print([call(name, "ok")[1] for name in "bck"])
    print(settled(before))


inner = Supervisor(
    [Long("b"), Long("c"), child(Long("k"), shutdown="brutal_kill"), Killer],
    strategy=ONE_FOR_ALL,
    max_restarts=5,
)
run_register_process(inner)
cast(run_register_process(Long("a")), "long", "sleep")
wait_until(lambda: begun)


class Main(GenPy):
    @receive("main")
    def main(self):
        main()


call(run_register_process(Main()), "main", timeout=30)
