"""Handlers of signals that would run on the stack of whatever they interrupt."""

import ctypes
import signal

from rebeam import GenPy, Supervisor, ask, child, receive

SA_ONSTACK = 0x08000000


class Sigaction(ctypes.Structure):
    _fields_ = (
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_ulong * (1024 // (8 * ctypes.sizeof(ctypes.c_ulong)))),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


def handlers():
    """(all that there are, those without the flag)"""
    libc = ctypes.CDLL(None, use_errno=True)
    here, bare = [], []
    for number in range(1, signal.SIGRTMAX + 1):
        found = Sigaction()
        if libc.sigaction(number, None, ctypes.byref(found)) == 0:
            if found.handler not in (None, int(signal.SIG_IGN)):
                here.append(number)
                if not found.flags & SA_ONSTACK:
                    bare.append(number)
    return here, bare


class Unit(GenPy):
    name = "unit"

    @receive("handlers")
    def handlers(self):
        return handlers()


def main():
    for here, bare in (handlers(), ask("unit", "handlers")):
        print(signal.SIGTERM in here, len(here) > 3, bare)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    Supervisor([child(Unit, isolation="process"), child(main, significant=True)])
