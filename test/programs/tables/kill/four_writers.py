"""Four writers of a table with a file, until a random moment ends the program by force.

    four_writers.py FILE DURABILITY SECONDS SIZE

First it says what is in the file, "has WRITER COUNT": a line for each writer, once it has seen that
whatever was written together is there together. Then "done WRITER COUNT" for each write that returned.
"""

import os
import signal
import sys
import threading
import time
from typing import Any

from rebeam import Supervisor, Table, child

WRITERS = 4


def say(text):
    os.write(1, (text + "\n").encode())


def write(table, writer):
    count = table.get((writer, "counter"), 0)
    while True:
        count += 1
        table.update(
            {(writer, "a"): count, (writer, "b"): [count], (writer, count % 9): "x" * size}
        )
        assert table.update_counter((writer, "counter")) == count
        table.take((writer, count % 7))
        say(f"done {writer} {count}")


def writes(writer):
    return lambda: write(killed, writer)


def has(table, writer):
    """How often it wrote; the counter comes second."""
    both = table.get((writer, "a"), 0)
    assert table.get((writer, "b"), [0]) == [both]
    counter = table.get((writer, "counter"), 0)
    assert counter in (both, both - 1), (both, counter)
    if counter < both:
        table[writer, "counter"] = both
    return both


def end(seconds):
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    path, seconds = sys.argv[1], sys.argv[3]
    durability: Any = sys.argv[2]
    size = int(sys.argv[4])  # of large values there is a compaction every few writes
    killed = Table("killed", file=path, durability=durability)
    for number in range(WRITERS):
        say(f"has {number} {has(killed, number)}")
    if float(seconds) >= 0:
        threading.Thread(target=end, args=(float(seconds),), daemon=True).start()
        Supervisor([child(writes(number), id=str(number)) for number in range(WRITERS)])
