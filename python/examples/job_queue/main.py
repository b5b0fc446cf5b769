"""A job queue: workers ask for work, failed jobs are tried again, and none is lost.

The queue monitors the worker that it gave a job to. When the worker crashes, the queue
gets `Down`, and the job goes to the next worker that asks; after three attempts it is
put aside. A worker that finds no work waits: its call is answered later, by `reply`.
"""

from typing import Any

from rebeam import Down, GenPy, ProcessID, Reference, Response, Supervisor, ask, cast, child
from rebeam import demonitor, info, monitor, no_reply, receive, reply, sleep

ATTEMPTS = 3


class Queue(GenPy):
    def __init__(self) -> None:
        self.name = "queue"
        self.jobs: list[tuple[int, int]] = []  # (job, attempt), to be done
        self.idle: list[ProcessID] = []  # workers that wait for one
        self.running: dict[Reference, tuple[int, int]] = {}  # monitor -> (job, attempt)
        self.results: dict[int, int] = {}
        self.failed: list[int] = []

    @receive("put")
    def put(self, message: int) -> None:
        self.jobs.append((message, 1))
        self.hand_out()

    @receive("get")
    def get(self, source: ProcessID) -> Response:
        self.idle.append(source)
        self.hand_out()
        return no_reply()

    @receive("done")
    def done(self, message: tuple[Reference, int]) -> None:
        ticket, result = message
        job, _ = self.running.pop(ticket)
        demonitor(ticket)
        self.results[job] = result

    @info()
    def lost(self, message: object) -> None:
        if isinstance(message, Down) and message.ref in self.running:
            job, attempt = self.running.pop(message.ref)
            if attempt < ATTEMPTS:
                self.jobs.append((job, attempt + 1))
            else:
                self.failed.append(job)
            self.hand_out()

    @receive("summary")
    def summary(self) -> dict[str, Any]:
        left = len(self.jobs) + len(self.running)
        return {"left": left, "results": self.results, "failed": self.failed}

    def hand_out(self) -> None:
        while self.jobs and self.idle:
            worker, (job, attempt) = self.idle.pop(0), self.jobs.pop(0)
            ticket = monitor(worker)
            self.running[ticket] = (job, attempt)
            reply(worker, (ticket, job))


def worker() -> None:
    """Runs until the program ends; a crash is one lost attempt."""
    while True:
        ticket, job = ask("queue", "get", timeout=None)
        cast("queue", "done", (ticket, 100 // job))


def produce() -> None:
    for number in [1, 2, 0, 5, 10]:
        cast("queue", "put", number)
    while ask("queue", "summary")["left"]:
        sleep(0.01)
    summary = ask("queue", "summary")
    print("results:", dict(sorted(summary["results"].items())))
    print("put aside:", summary["failed"])


if __name__ == "__main__":
    workers = [child(worker, id=f"worker {number}") for number in (1, 2, 3)]
    with Supervisor([Queue, *workers], max_restarts=10):
        produce()
