"""Supervisors are asked as if they were actors. Their children live on, and are called by what they
run; one is made with what cannot be copied, and of the copy that is given up nothing is heard."""

import asyncio
import functools

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    ask,
    call,
    cast,
    receive,
    sleep,
    start_child,
    which_children,
)


class Holder(GenPy):
    name = "holder"

    def __init__(self, loop):
        self.loop = loop

    @receive("closed")
    def closed(self):
        return self.loop.is_closed()


def job(seconds):
    sleep(seconds)


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    some = DynamicSupervisor(name="some")
    with Supervisor([some, Holder(loop), functools.partial(job, 60)], name="top"):
        one = start_child("some", functools.partial(job, 60))
        before = which_children("top"), which_children("some")
        for name in ("top", "some"):
            print(*call(name, "add", 1), cast(name, "add", 1))
        print((which_children("top"), which_children("some")) == before, one.alive())
        print([each.id for each in before[0]], ask("holder", "closed"))
    loop.close()
