import time

from children_worker import ids, last, said
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    child,
    sleep,
    start,
    start_child,
    stop,
    terminate_child,
)

begun = []


class Never(GenPy):
    @start()
    def boot(self):
        try:
            begun.append(self)
            sleep(1e6)
        finally:
            print("cut off")

    @stop()
    def bye(self):
        print("not reached")


def drive():
    item = child(Never, id="never", shutdown="infinity", backoff=1)
    begin = time.monotonic()
    for number, sup in enumerate(("top", "dynamic"), 1):
        job = start_child(
            "jobs", child(lambda: print(said(lambda: start_child(sup, item))), restart="temporary")
        )
        wait_until(lambda: len(begun) == number)
        terminate_child(sup, "never")
        wait_until(lambda: not job.alive())
    print(time.monotonic() - begin < 60, ids("top"), ids("dynamic"))


Supervisor(
    name="top", modules=[DynamicSupervisor("jobs"), DynamicSupervisor("dynamic"), last(drive)]
)
