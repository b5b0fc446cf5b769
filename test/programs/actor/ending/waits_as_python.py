"""Waits for locks, queues and threads that are CPython's in all but that they hear of the end."""

import decimal
import inspect
import queue
import signal
import sys
import threading

from rebeam import Supervisor, child, exit, spawn

begun, told = threading.Semaphore(0), threading.Semaphore(0)
held, go = threading.Lock(), threading.Event()
held.acquire()
thread = threading.Thread(target=go.wait)
seen: set[str] = set()


def outcome(function, *args, **options):
    try:
        return repr(function(*args, **options))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Index:
    def __index__(self):
        return 0


def about(kind, name):
    "What tools are told of the method."
    method = kind.__dict__[name]
    return method.__doc__, outcome(inspect.signature, method), repr(method)


def judged():
    "What CPython says to times and arguments, also where nothing is to be waited for."
    times = [
        None,
        "1",
        decimal.Decimal(1),
        Index(),
        float("nan"),
        float("inf"),
        -2,
        10**400,
        True,
        0,
    ]
    lines = [about(type(held), each) for each in ("acquire", "__enter__")]
    lines += [about(type(threading.RLock()), each) for each in ("acquire", "__enter__")]
    lines += [about(queue.SimpleQueue, "get")]
    for time in times:
        items = queue.SimpleQueue()
        items.put("item")
        for method in (threading.Lock().acquire, threading.RLock().acquire, items.get):
            lines += [outcome(method, timeout=time), outcome(method, False, time)]
    for block in (None, "", 2, 2**40, Index()):
        lines += [
            outcome(threading.Lock().acquire, block),
            outcome(threading.Lock().__enter__, block),
        ]
    return lines


def joins():
    try:
        begun.release()
        thread.join()
    finally:
        told.release()


def end(function):
    pid = spawn(function)
    begun.acquire()
    exit(pid, "shutdown")
    told.acquire()


def check_join():
    "A thread whose join was ended still runs."
    thread.start()
    end(joins)
    alive = thread.is_alive()
    go.set()
    thread.join()
    print("join", alive, thread.is_alive())


def note(code, *rest):
    seen.add(code.co_filename)


def profiles():
    sys.setprofile(lambda frame, event, argument: note(frame.f_code))
    if sys.version_info >= (3, 12):
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(3, "test")
        for event in (events.PY_START, events.PY_UNWIND, events.RAISE):
            sys.monitoring.register_callback(3, event, note)
        sys.monitoring.set_events(3, events.PY_START | events.PY_UNWIND | events.RAISE)
    try:
        begun.release()
        held.acquire()
    finally:
        sys.setprofile(None)
        if sys.version_info >= (3, 12):
            sys.monitoring.set_events(3, 0)
        told.release()


def main():
    print("judged", judged() == plain)
    check_join()
    end(profiles)
    print("profiled", [each for each in seen if each.startswith("<rebeam")])
    sys.stdout.flush()


plain = judged()


def released(number, frame):
    held.release()


def check_signal():
    "A handler runs in a body that waits, also if the signal came to another thread."
    signal.signal(signal.SIGUSR1, released)
    spawn(told.release)
    told.acquire()
    threading.Thread(target=signal.raise_signal, args=[signal.SIGUSR1]).start()
    print("signal", held.acquire(timeout=60), flush=True)


if __name__ == "__main__":
    check_signal()
    Supervisor([child(main, significant=True)])
