"""A job queue: workers ask for work, failed jobs are tried again, and none is lost.

The queue monitors the worker that it gave a job to. When the worker crashes, the queue
gets `Down`, and the job goes to the next worker that asks; after three attempts it is
put aside. A worker that finds no work waits: its call is answered later, by `reply`.
"""

from rebeam import Down, GenPy, Supervisor, call, cast, child, demonitor, info, monitor, no_reply
from rebeam import receive, reply, response_ok, sleep

ATTEMPTS = 3


class Queue(GenPy):
    def __init__(self):
        self.name = "queue"
        self.jobs = []  # (job, attempt), to be done
        self.idle = []  # workers that wait for one
        self.running = {}  # monitor -> (job, attempt)
        self.results, self.failed = {}, []

    @receive("put")
    def put(self, message):
        self.jobs.append((message, 1))
        self.hand_out()

    @receive("get")
    def get(self, source):
        self.idle.append(source)
        self.hand_out()
        return no_reply()

    @receive("done")
    def done(self, message):
        ticket, result = message
        job, _ = self.running.pop(ticket)
        demonitor(ticket)
        self.results[job] = result

    @info()
    def lost(self, message):
        if isinstance(message, Down) and message.ref in self.running:
            job, attempt = self.running.pop(message.ref)
            if attempt < ATTEMPTS:
                self.jobs.append((job, attempt + 1))
            else:
                self.failed.append(job)
            self.hand_out()

    @receive("summary")
    def summary(self):
        left = len(self.jobs) + len(self.running)
        return {"left": left, "results": self.results, "failed": self.failed}

    def hand_out(self):
        while self.jobs and self.idle:
            worker, (job, attempt) = self.idle.pop(0), self.jobs.pop(0)
            ticket = monitor(worker)
            self.running[ticket] = (job, attempt)
            reply(worker, response_ok((ticket, job)))


def worker():
    """Runs until the program ends; a crash is one lost attempt."""
    while True:
        _, (ticket, job) = call("queue", "get", timeout=None)
        cast("queue", "done", (ticket, 100 // job))


def produce():
    for number in [1, 2, 0, 5, 10]:
        cast("queue", "put", number)
    while call("queue", "summary")[1]["left"]:
        sleep(0.01)
    summary = call("queue", "summary")[1]
    print("results:", dict(sorted(summary["results"].items())))
    print("put aside:", summary["failed"])


def main():
    return Supervisor(
        modules=[
            Queue(),
            *[child(worker, id=f"worker {number}") for number in (1, 2, 3)],
            child(produce, restart="transient", significant=True),
        ],
        max_restarts=10,
    )


if __name__ == "__main__":
    main()
