"""What attaches to this process finds Python's main thread: in the body, and when that is over."""

import os
import pathlib
import subprocess
import sys
import threading

from waiting import wait_until

from rebeam import *

seen = []
SCRIPT = """
import sys, threading
main = sys.modules["__main__"]
main.seen.append(threading.current_thread() is threading.main_thread())
"""


def run(*command, given=None):
    command = [sys.executable, *command]
    return subprocess.run(command, input=given, capture_output=True, text=True)


def attach(count):
    script = pathlib.Path(__file__).with_name("attached_script.py")
    script.write_text(SCRIPT)
    execute = f"import sys; sys.remote_exec({os.getpid()}, {str(script)!r})"
    print(run("-c", execute).stderr, end="")
    wait_until(lambda: len(seen) == count)
    print(seen, flush=True)


def debug():
    attach(2)
    told = run("-m", "pdb", "-p", str(os.getpid()), given="p 6 * 7\nquit\n")
    print("(Pdb) 42" in told.stdout, told.stderr, flush=True)
    print(threading.current_thread() is not threading.main_thread())


attach(1)
Supervisor(
    [child(debug, restart="transient", significant=True)],
    auto_shutdown="any_significant",
)
