import time

from waiting import wait_until

from rebeam import GenPy, Supervisor, cast, child, exit, receive, run_register_process
from rebeam._runtime import rebeam_info

seen = []


class Clingy:
    def __del__(self):
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            pass


class Victim(GenPy):
    @receive("take")
    def take(self, message):
        pass

    @receive("compute")
    def compute(self):
        try:
            number = 0
            seen.append("computing")
            while True:
                number += 1
        finally:
            seen.append("killed")


def main():
    victim = run_register_process(child(Victim, restart="temporary"))
    clingy = Clingy()
    cast(victim, "take", clingy)
    cast(victim, "compute")
    wait_until(lambda: seen)
    exit(victim, "kill")
    wait_until(lambda: not rebeam_info()["detached"] and "killed" in seen)
    print(seen, rebeam_info()["detached"])


Supervisor(modules=[child(main, restart="transient", significant=True)])
