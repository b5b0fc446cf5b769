import asyncio
import ctypes
import os
import time

from baseline import counts, settled
from interrupt_actors import Base, free, interrupted, last

from rebeam import GenPy, Supervisor, cast, receive, run_register_process

libc = ctypes.CDLL(None)
gate = os.pipe()


class Target(Base):
    @receive("swallow")
    def swallow(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

    @receive("recurse")
    def recurse(self):  # CPython 3.13 sets no limit to one with a default argument
        try:
            return self.recurse()
        finally:
            self.recurse()

    @receive("async swallow")
    async def task(self):
        while True:
            try:
                await asyncio.sleep(100)
            except BaseException:
                pass

    @receive("stuck")
    def stuck(self):
        byte, there = ctypes.create_string_buffer(1), False
        while not there:
            try:
                there = libc.read(gate[0], byte, 1) == 1
            except BaseException:
                pass
        cast("sink", "note", "from the dead")
        os.write(1, b"late")
        return "late"


class Sink(GenPy):
    name = "sink"

    @receive("note")
    def note(self, message):
        print("heard", message, flush=True)


def main():
    run_register_process(Sink)
    run_register_process(Supervisor([Target], max_restarts=100))
    before = counts()
    for subject in ("swallow", "recurse", "async swallow", "stuck"):
        begin = time.monotonic()
        echo = interrupted(subject)
        print(echo, time.monotonic() - begin >= 1.0, flush=True)
        if subject == "stuck":  # another one has its place: it may go on
            os.write(gate[1], b"x")
        print(free(), flush=True)
    print(settled(before), flush=True)


last(main)
