import asyncio

from async_actors import Slow, helper
from waiting import wait_until

from rebeam import (
    GenPy,
    ProcessID,
    Supervisor,
    call,
    child,
    receive,
    run_register_process,
    self_pid,
    start,
)

said = []


async def item():
    await asyncio.sleep(0.01)
    print("item", ProcessID() == self_pid(), helper(2), flush=True)
    said.append(True)


class Starts(GenPy):
    @receive("start")
    async def start(self):
        class New(GenPy):
            @start()
            async def boot(self):
                await asyncio.sleep(0.05)
                self.value = helper(21)

            @receive("value")
            async def get(self):
                return self.value

        pids = [run_register_process(New())]
        pids += await asyncio.gather(
            *(asyncio.to_thread(run_register_process, New()) for _ in range(3))
        )
        return [call(each, "value")[1] for each in pids]

    @receive("fail")
    async def fail(self):
        class New(GenPy):
            @start()
            async def boot(self):
                await asyncio.sleep(0.01)
                raise LookupError("it failed to start")

        try:
            run_register_process(New())
        except RuntimeError as error:
            return str(error).strip().split("\n")[-1]

    @receive("self")
    async def myself(self):
        try:
            call(ProcessID(), "x")
        except RuntimeError as error:
            return str(error)


def main():
    starts = run_register_process(Starts())
    for subject in ("start", "fail", "self"):
        print(call(starts, subject, timeout=20)[1])
    wait_until(lambda: said)


run_register_process(Slow())
Supervisor([child(item, restart="transient"), child(main, restart="transient", significant=True)])
