import ctypes
import threading

from rebeam import GenPy, receive

begun = threading.Semaphore(0)
unsaid = threading.Semaphore(0)
c, held = ctypes.CDLL(None), ctypes.PyDLL(None)


def python():
    while True:
        pass


def swallow():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def in_c():
    c.sleep(1000)


def gil():
    while True:
        held.usleep(1_000)


def gil_for_ever():
    # Whoever is first here stops all Python of this process: nobody but it can say so, and only in C.
    if unsaid.acquire(blocking=False):
        held.write(1, b"ready\n", 6)
    held.pause()
    held.pause()


class Busy(GenPy):
    @receive()
    def work(self, subject):
        begun.release()
        globals()[subject]()
