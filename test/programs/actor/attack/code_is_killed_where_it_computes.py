import time

from rebeam import GenPy, Supervisor, cast, child, exit, receive, run_register_process, sleep
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
    sleep(1)
    exit(victim, "kill")
    end = time.monotonic() + 10
    while time.monotonic() < end and (rebeam_info()["detached"] or "killed" not in seen):
        sleep(0.01)
    print(seen, rebeam_info()["detached"])


Supervisor(modules=[child(main, restart="transient", significant=True)])
