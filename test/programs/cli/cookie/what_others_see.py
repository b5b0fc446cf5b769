"""Prints the command lines of this program's processes that show the cookie, the addresses on which
they listen, and whom another node reaches that has the cookie, or another one."""

import contextlib
import os
import subprocess
import sys

from rebeam import *

COOKIE = os.environ["SHOWN"]


def family(pid):
    children = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        # A thread may end meanwhile; its children are the process's.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                children += [int(child) for child in file.read().split()]
    return {pid}.union(*map(family, children))


def listening(pids):
    sockets = set()
    for pid in pids:
        for entry in os.listdir(f"/proc/{pid}/fd"):
            try:
                sockets.add(os.readlink(f"/proc/{pid}/fd/{entry}"))
            except OSError:
                pass
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    ours = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    return sorted({row[1].split(":")[0] for row in ours})


def ping(cookie):
    node, host = sys.argv[1].split("@")
    code = f"io:format(atom_to_list(net_adm:ping('{node}@{host}'))), halt()."
    command = ["erl", "-noinput", "-hidden", "-sname", f"{node}-other", "-setcookie", cookie]
    return subprocess.run([*command, "-eval", code], capture_output=True, text=True).stdout


class InUnit(GenPy):
    name = "in_unit"

    @receive("pid")
    def pid(self):
        return os.getpid()


def look():
    unit = call("in_unit", "pid")[1]
    pids = family(os.getpid())
    shown = []
    for pid in pids:
        with open(f"/proc/{pid}/cmdline") as file:
            if COOKIE in file.read():
                shown.append(pid)
    print(unit in pids, shown, *listening(pids))
    if len(sys.argv) > 1:
        print(ping(COOKIE), ping("other"))


if __name__ == "__main__":
    if "again" in sys.argv and "AGAIN" not in os.environ:
        os.environ["AGAIN"] = "x"
        raise SystemExit(3)
    Supervisor(
        [child(InUnit, isolation="process"), child(look, restart="transient", significant=True)],
        auto_shutdown="any_significant",
    )
