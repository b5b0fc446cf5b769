import os
import sys

from dedicated_actors import Echo

from rebeam import GenPy, Supervisor, child, receive


class Async(GenPy):
    @receive("x")
    async def x(self):
        pass


class Derived(Async):
    pass


async def task():
    pass


for item in (Async, Derived(), task, Supervisor([])):
    try:
        child(item, thread="dedicated")
    except TypeError as error:
        print(error)
try:
    child(Echo, thread="own")
except ValueError as error:
    print(error)
print(child(Echo, thread=None))
sys.stdout.flush()
os._exit(0)
