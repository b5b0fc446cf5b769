import subprocess
import sys

from doer import Doer, deed, everywhere, no_children

from rebeam import run_register_process

run_register_process(Doer)

report = r"""
import json, os, signal
print(json.dumps([
    sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    sorted(n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN),
    sorted(int(each) for each in os.listdir("/proc/self/fd"))[:-1],
    os.readlink("/proc/self/fd/0").split(":")[0],
    sorted(each for each in os.environ
           if each.startswith(("ERL", "BINDIR", "ROOTDIR", "EMU", "PROGNAME"))),
    os.nice(0), os.getpgid(0) == os.getpgid(os.getppid()), os.getsid(0) == os.getsid(os.getppid()),
]))
"""


@deed
def inherited():
    run = lambda **more: (
        subprocess.run(
            [sys.executable, "-c", report], capture_output=True, text=True, **more
        ).stdout
    )
    return [run(), run(close_fds=False), run(stdin=subprocess.DEVNULL)]


everywhere("inherited")
no_children()
