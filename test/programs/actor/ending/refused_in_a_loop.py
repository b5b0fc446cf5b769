"""Code of a killed actor that begins a wait, in a loop of its own."""

import asyncio

from waiting import wait_until

from rebeam import (
    ActorExit,
    GenPy,
    call,
    call_async,
    cast,
    exit,
    is_alive,
    receive,
    run_register_process,
    whereis,
)

gone = False


class Sink(GenPy):
    name = "sink"

    def __init__(self):
        self.heard = []

    @receive("heard")
    def all(self):
        return self.heard

    @receive()
    def any(self, subject, message):
        self.heard.append((subject, message))


def heard():
    return call("sink", "heard")[1]


class Holder(GenPy):
    name = "holder"

    @receive("run")
    def run(self):
        asyncio.run(self.main(whereis("sink")))

    async def main(self, sink):
        cast(sink, "ready")
        while not gone:
            try:
                while not gone:
                    pass
            except ActorExit:  # on a busy machine, which takes long to say that it is gone
                pass
        try:
            await call_async(sink, "asked")
        except ActorExit:
            try:
                cast(sink, "told", "at once")
            except ActorExit:
                cast(sink, "told", "only the second time")


for item in (Sink, Holder):
    run_register_process(item)
pid = whereis("holder")
assert pid
cast(pid, "run")
wait_until(heard)
exit(pid, "kill")
wait_until(lambda: not is_alive(pid))
gone = True
wait_until(lambda: len(heard()) == 2)
print(*heard()[1])
