import time

from waiting import wait_until

from rebeam import cast, child, exit, is_alive, run_register_process, sleep
from rebeam._runtime import rebeam_info

begun = []


def busy(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def over():
    counted = ("abandoned", "detached", "suspended")
    wait_until(lambda: not any(rebeam_info()[each] for each in counted))
    return "over"


def killed(kind, *work):
    "Kills it a while after the last of its work has told `begun`."
    begun.clear()
    pid = run_register_process(child(kind(), restart="temporary"))
    for subject, message in work:
        cast(pid, subject, message)
    wait_until(lambda: begun)
    sleep(0.3)
    exit(pid, "kill")
    wait_until(lambda: not is_alive(pid))
    sleep(0.1)
    return over()
