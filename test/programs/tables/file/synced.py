"""When the kernel is told to write a table's file to the disk, as strace sees it.

synced.py FOLDER
"""

import os
import subprocess
import sys

from waiting import wait_until

from rebeam import Table

FOLDER = sys.argv[1]
TRACE = os.path.join(FOLDER, "trace")
NOWHERE = os.open("/dev/null", os.O_WRONLY)


def done(number):
    os.write(NOWHERE, b"DONE")
    return number


def traced():
    """What was seen: "sync" and "done"."""
    with open(TRACE) as file:
        lines = file.readlines()
    return [
        "done" if '"DONE"' in line else "sync"
        for line in lines
        if '"DONE"' in line or "fdatasync(" in line
    ]


if __name__ == "__main__":
    always = Table("always", file=os.path.join(FOLDER, "always"), durability="always")
    interval = Table("interval", file=os.path.join(FOLDER, "interval"))
    words = ["strace", "-f", "-e", "trace=fdatasync,write", "-o", TRACE, "-p", str(os.getpid())]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None and "attached" in strace.stderr.readline()
        for number in range(3):
            always.put(number, done(number))
            done(number)
        wait_until(lambda: traced().count("done") == 6)
        print(traced())
        interval.put(1, 1)
        done(1)
        wait_until(lambda: traced()[-1] == "sync")
        print(traced()[6 + 3 :])
        strace.terminate()
