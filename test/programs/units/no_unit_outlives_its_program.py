import os
import subprocess
import sys

from rebeam import GenPy, call, cast, child, receive, run_register_process


class Worker(GenPy):
    @receive("pid")
    def pid(self):
        # Inherits what is not sealed.
        self.child = subprocess.Popen(["sleep", "30"], close_fds=False)
        return os.getpid()

    @receive("spin")
    def spin(self):
        while True:
            pass


if __name__ == "__main__":
    pids = [run_register_process(child(Worker, isolation="process")) for _ in range(2)]
    units = [call(pid, "pid")[1] for pid in pids]
    cast(pids[0], "spin")
    sleeper = subprocess.Popen(["sleep", "30"], close_fds=False)
    print("units", os.getpid(), *units, flush=True)
    if sys.argv[1] == "end":
        sys.exit(3)
    sys.stdin.read()
