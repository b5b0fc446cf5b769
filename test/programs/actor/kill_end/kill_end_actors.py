import time

from rebeam import cast, child, exit, run_register_process, sleep
from rebeam._runtime import rebeam_info


def busy(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def over():
    for _ in range(200):
        info = rebeam_info()
        if info["abandoned"] == info["detached"] == info["suspended"] == 0:
            return "over"
        sleep(0.05)
    return info


def killed(kind, *work):
    pid = run_register_process(child(kind(), restart="temporary"))
    for subject, message in work:
        cast(pid, subject, message)
    sleep(0.3)
    exit(pid, "kill")
    sleep(0.1)
    return over()
