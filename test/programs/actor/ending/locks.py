"""What waits for a lock, a queue or a thread, in C, hears that it is to end; other waits are as they were."""

import queue
import sys
import threading

from rebeam import ActorExit, GenPy, Supervisor, call, child, exit, receive, spawn

held, owned = threading.Lock(), threading.RLock()
condition, event = threading.Condition(), threading.Event()
never = threading.Event()
thread = threading.Thread(target=never.wait, daemon=True)
waiting = threading.Semaphore(0)


def own_for_ever():
    owned.acquire()
    held.acquire()
    waiting.release()
    never.wait()


def inside():
    with held:
        pass


def notified():
    with condition:
        condition.wait()


WAITS = {
    "acquire": lambda: held.acquire(),
    "acquire, timeout": lambda: held.acquire(timeout=1000),
    "acquire, positional": lambda: held.acquire(True, 1000),
    "with": inside,
    "reentrant": lambda: owned.acquire(),
    "condition": notified,
    "event": lambda: event.wait(1000),
    "queue": lambda: queue.Queue().get(),
    "simple queue": lambda: queue.SimpleQueue().get(),
    "simple queue, timeout": lambda: queue.SimpleQueue().get(timeout=1000),
    "semaphore": lambda: threading.Semaphore(0).acquire(),
    "barrier": lambda: threading.Barrier(2).wait(),
    "thread": lambda: thread.join(),
}


def waits(title):
    try:
        waiting.release()
        WAITS[title]()
    except ActorExit:
        sys.stdout.write(title + "\n")
        sys.stdout.flush()
        raise


class Handler(GenPy):
    name = "handler"

    @receive("wait")
    def wait(self, message):
        waits(message)


def outcome(function):
    try:
        return function()
    except Exception as error:
        return type(error).__name__


def others():
    "Of all that does not wait for ever."
    free, again, items = threading.Lock(), threading.RLock(), queue.SimpleQueue()
    items.put("first")
    threading.Timer(0.05, items.put, ["later"]).start()
    busy = threading.Lock()
    busy.acquire()
    threading.Timer(0.05, busy.release).start()
    return [
        outcome(each)
        for each in [
            free.acquire,
            lambda: free.acquire(False),
            lambda: free.acquire(blocking=False),
            lambda: free.acquire(timeout=0.01),
            lambda: free.acquire(True, 0),
            lambda: free.acquire(timeout=-2),
            lambda: free.acquire(False, 1),
            lambda: free.acquire(timeout=1e300),
            lambda: free.acquire(timeout="no"),
            lambda: free.acquire(no=1),
            again.acquire,
            again.__enter__,
            lambda: again.acquire(timeout=5),
            busy.acquire,
            items.get,
            lambda: items.get(timeout=30),
            lambda: items.get(False),
            lambda: items.get(timeout=0.01),
            lambda: items.get(timeout=-1),
            lambda: items.get(timeout="no"),
        ]
    ]


class Asked(GenPy):
    name = "asked"

    @receive("others")
    def others(self):
        return others()


def main():
    threading.Thread(target=own_for_ever, daemon=True).start()
    waiting.acquire()
    thread.start()
    print("the same", call("asked", "others")[1] == plain, flush=True)
    stuck = [spawn(lambda title=title: waits(title)) for title in WAITS]
    for _ in stuck:
        waiting.acquire()
    for pid in stuck:
        exit(pid, "shutdown")
    spawn(lambda: call("handler", "wait", "acquire"))
    waiting.acquire()


plain = others()

if __name__ == "__main__":
    Supervisor(
        [
            child(Handler, shutdown="infinity"),
            Asked,
            child(main, significant=True),
        ]
    )
