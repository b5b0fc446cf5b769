"""Functions that end in order at the same time, and a handler that hears of its end later."""

import asyncio
import sys
import time

from waiting import wait_until

from rebeam import GenPy, cast, child, exit, is_alive, receive, run_register_process
from rebeam._runtime import rebeam_info

COUNT = 20
begun = []
asked = []
turn = 0


class Loop(asyncio.SelectorEventLoop):
    """One whose main task is cancelled later, as that gives the GIL away."""

    def call_soon_threadsafe(self, callback, *args, context=None):
        asked.append((turn, super().call_soon_threadsafe, callback))


def runs_a_loop():
    async def main():
        begun.append(True)
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())


class Computes(GenPy):
    @receive("run")
    def run(self):
        begun.append(True)
        while True:
            pass


pids = [run_register_process(child(runs_a_loop, restart="temporary")) for _ in range(COUNT)]
wait_until(lambda: len(begun) == COUNT)
interval = sys.getswitchinterval()
sys.setswitchinterval(100)  # who runs goes on until it waits
for pid in pids:
    exit(pid, "shutdown")
soon = time.monotonic() + 0.3
while time.monotonic() < soon:  # nothing hears of the ends yet
    pass
while len(asked) < COUNT:
    turn += 1
    time.sleep(0.0001)
sys.setswitchinterval(interval)
print(len({turn for turn, _, _ in asked}) < COUNT / 2)
for _, call_soon, cancel in asked:
    call_soon(cancel)
wait_until(lambda: not any(map(is_alive, pids)))

begun.clear()
pid = run_register_process(child(Computes, restart="temporary"))
cast(pid, "run")
wait_until(lambda: begun)
exit(pid, "shutdown")
abandoned = set()
while is_alive(pid):
    abandoned.add(rebeam_info()["abandoned"])
print(abandoned)
