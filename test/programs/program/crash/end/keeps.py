"""Everything that wants to be flushed at the end."""

import atexit
import ctypes
import logging
import logging.handlers
import queue
import sys

from rebeam import GenPy, Supervisor, call, child, receive, sleep, stop


def log_to(name, handler):
    logging.getLogger(name).addHandler(handler)
    return logging.getLogger(name)


text = open("text", "w")
text.write("body")
raw = open("raw", "wb")
raw.write(b"body")
memory = log_to(
    "memory", logging.handlers.MemoryHandler(1000, target=logging.FileHandler("memory"))
)
lines = queue.SimpleQueue()
listener = logging.handlers.QueueListener(lines, logging.FileHandler("queue"))
listener.start()
atexit.register(listener.stop)
queued = log_to("queue", logging.handlers.QueueHandler(lines))
atexit.register(print, "registered first")


class Writer(GenPy):
    name = "writer"

    @receive("write")
    def write(self, message):
        global kept
        self.own = open("own", "w")
        self.own.write("actor")
        kept = open("kept", "w")
        kept.write("actor")
        memory.warning("actor")
        queued.warning("actor")

    @stop()
    def bye(self):
        text.write(" stop")
        queued.warning("stop")


def main():
    call("writer", "write")
    if "wait" in sys.argv:
        print("ready", flush=True)
        sleep(1000)


def run():
    atexit.register(print, "registered last", flush=True)
    ctypes.CDLL(None).printf(b"printed by C\n")
    Supervisor([Writer, child(main, restart="transient", significant=True)])
