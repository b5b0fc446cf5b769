import asyncio

from attack_echo import Echo

from rebeam import (
    GenPy,
    Supervisor,
    call,
    call_async,
    child,
    no_reply,
    receive,
    run_register_process,
)


class Curious:
    def __setstate__(self, state):
        self.answer = call("echo", "echo", state)

    def __getstate__(self):
        return "state"


class Oracle(GenPy):
    name = "oracle"

    @receive("ask")
    def ask(self):
        return Curious()

    @receive("never")
    def never(self):
        return no_reply()


class Asks(GenPy):
    @receive("begin")
    async def begin(self):
        async def later():
            await asyncio.sleep(0.2)
            self.status, self.object = await call_async("oracle", "ask")

        self.task = asyncio.create_task(later())

    @receive("wait")
    def wait(self):
        return call("oracle", "never", timeout=0.6)

    @receive("get")
    async def get(self):
        await self.task
        return self.object.answer


def main():
    asks = run_register_process(Asks)
    for subject in ("begin", "wait", "get"):
        print(*call(asks, subject, timeout=10))


Supervisor(modules=[Echo, Oracle, child(main, restart="transient", significant=True)])
