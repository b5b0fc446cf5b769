"""The queue, which knows who works on what, and the workers.

The queue has nothing that is not in the table as well: a fresh one reads there what waits. It
monitors each worker that it gave a reading to, so a worker that dies gives its reading back.
"""

import collections

from store import change, readings, waiting

from rebeam import (
    CallDown,
    CallError,
    CallTimeout,
    Down,
    GenPy,
    ProcessID,
    Reference,
    Response,
    ask,
    cast,
    demonitor,
    info,
    monitor,
    no_reply,
    receive,
    reply,
    send_after,
    start,
)

ATTEMPTS = 3
PAUSE = 0.1  # seconds before the second attempt, doubled before the third


class Queue(GenPy):
    name = "queue"

    def __init__(self) -> None:
        self.idle: collections.deque[ProcessID] = collections.deque()
        self.given: dict[Reference, str] = {}  # monitor of a worker -> what it works on

    @start()
    def read_table(self) -> None:
        self.todo = collections.deque(waiting())

    @receive("new")
    def new(self, message: str) -> None:
        self.todo.append(message)
        self.hand_out()

    @receive("next")
    def next(self, source: ProcessID) -> Response:
        self.idle.append(source)
        self.hand_out()
        return no_reply()  # hand_out answers, when there is something to do

    @receive("over")
    def over(self, message: tuple[Reference, float | None]) -> None:
        ticket, pause = message
        demonitor(ticket)
        self.give_back(ticket, pause)

    @info()
    def lost(self, message: object) -> None:
        if isinstance(message, Down):
            self.give_back(message.ref, PAUSE)

    def give_back(self, ticket: Reference, pause: float | None) -> None:
        key = self.given.pop(ticket, None)
        if key is not None and pause is not None:
            send_after(pause, "queue", "new", key)

    def hand_out(self) -> None:
        while self.todo and self.idle:
            worker, key = self.idle.popleft(), self.todo.popleft()
            ticket = monitor(worker)
            self.given[ticket] = key
            reply(worker, (ticket, key))


def worker() -> None:
    while True:
        ticket, key = ask("queue", "next", timeout=None)
        cast("queue", "over", (ticket, attempt(key)))


def attempt(key: str) -> float | None:
    """One attempt at a reading: the seconds until the next, or None if there is to be none."""
    row = readings.get(key)
    if row is None or row["state"] != "waiting":
        return None  # it came twice, as its queue or its worker died
    tries = row["tries"] + 1
    if tries > ATTEMPTS:  # each attempt ended its worker
        change(key, row, state="failed", error="its workers died")
        return None
    row = change(key, row, tries=tries)
    if row is None:
        return None
    try:
        offset = ask("calibration", "offset", row["sensor"])
    except CallError as error:
        change(key, row, state="failed", error=str(error))
    except (CallDown, CallTimeout) as error:
        if tries < ATTEMPTS:
            return float(PAUSE * 2 ** (tries - 1))
        change(key, row, state="failed", error=str(error))
    else:
        change(key, row, state="done", result=row["value"] + offset)
    return None
