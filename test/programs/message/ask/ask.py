"""What `ask` returns and raises, asked by actors of every kind, threads and the body."""

import asyncio
import pickle
import sys
import threading
import traceback
from typing import Any

from waiting import wait_until

from rebeam import (
    CallDown,
    CallError,
    CallTimeout,
    GenPy,
    Supervisor,
    ask,
    ask_async,
    call,
    child,
    no_reply,
    receive,
    response_error,
)


class Stock(GenPy):
    def __init__(self):
        self.left = 3

    @receive("take")
    def take(self, message):
        if message > self.left:
            return response_error({"left": self.left})
        self.left -= message
        return self.left

    @receive("refuse")
    def refuse(self):
        return response_error(KeyError("pears"))

    @receive("silent")
    def silent(self):
        return no_reply()

    @receive("break")
    def break_(self):
        raise ValueError("out of order")


def tries():
    yield lambda: ask("stock", "take", 1)
    yield lambda: ask("stock", "take", 9)
    yield lambda: ask("stock", "refuse")
    yield lambda: ask("stock", "silent", timeout=0.05)
    yield lambda: ask("stock", "break")
    yield lambda: ask("nobody", "take", timeout=None)
    yield lambda: ask("stock", 7)


def told(error):
    last = traceback.format_exception_only(error)[-1].strip()
    cause = "" if error.__cause__ is None else str(error.__cause__).strip().rpartition("\n")[2]
    return last, type(error.__cause__).__name__, cause


def outcomes():
    wait_until(lambda: call("stock", "take", 0)[0])  # it is made anew after each `break`
    found = []
    for each in tries():
        try:
            found.append(each())
        except Exception as error:
            assert isinstance(error, TimeoutError) == isinstance(error, CallTimeout)
            if isinstance(error, (CallError, CallTimeout, CallDown)):
                again = pickle.loads(pickle.dumps(error))
                assert (type(again), str(again)) == (type(error), str(error)), again
            found.append(told(error))
    return found


class Asker(GenPy):
    @receive("all")
    def all(self):
        return outcomes()

    @receive("async")
    async def asynchronous(self):
        async def one(value):
            try:
                return await ask_async("stock", "take", value)
            except CallError as error:
                return error.response

        return await asyncio.gather(one(9), one(8))

    @receive("many")
    def many(self):
        return sorted([2, 1], key=lambda n: ask("stock", "take", 0) * n)


def in_thread():
    found = []
    thread = threading.Thread(target=lambda: found.extend(outcomes()))
    thread.start()
    thread.join()
    return found


def main():
    expected = outcomes()
    for line in expected:
        print(line)
    others = {"thread": in_thread(), "asker": ask("asker", "all", timeout=30)}
    for name, found in others.items():
        print(name, found == expected or found)
    wait_until(lambda: call("stock", "take", 0)[0])
    print(ask("asker", "async"), ask("asker", "many"))


if __name__ == "__main__":
    try:
        ask("stock", "take", 1)
    except CallDown as error:
        print(error)
    where: Any = sys.argv[1]
    Supervisor(
        [
            child(Stock, name="stock", isolation=where),
            child(Asker, name="asker", isolation=where),
            child(main, significant=True),
        ],
        max_restarts=20,
    )
