import time

from waiting import wait_until

from rebeam import cast, child, exit, run_register_process, sleep
from rebeam._runtime import rebeam_info


def busy(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def over():
    counted = ("abandoned", "detached", "suspended")
    wait_until(lambda: not any(rebeam_info()[each] for each in counted))
    return "over"


def killed(kind, *work):
    pid = run_register_process(child(kind(), restart="temporary"))
    for subject, message in work:
        cast(pid, subject, message)
    sleep(0.3)
    exit(pid, "kill")
    sleep(0.1)
    return over()
