import datetime
import decimal
import math

from rebeam import Atom, GenPy, ProcessID, Supervisor, info, receive, response_error, sleep


class Thing:
    def __repr__(self):
        return "a thing"


class Echo(GenPy):
    name = "echo"

    def __init__(self):
        self.seen = []

    @receive("echo")
    def echo(self, message):
        return message

    @receive("repr")
    def show(self, message):
        return f"{type(message).__name__} {message!r}"

    @receive("error")
    def error(self, message):
        return response_error(message)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("sleep")
    def sleep(self, message):
        sleep(message)

    @receive("source")
    def source(self, source):
        return source

    @receive("add")
    def add(self, message):
        self.seen.append(message)

    @receive("seen")
    def all(self):
        return self.seen

    @receive("values")
    def values(self):
        return {
            "none": [None, True, False],
            "numbers": [1, 2**70, 1.5],
            "str": "größe",
            "bytes": b"\xff",
            "tuple": (1, ("a",)),
            5: {"nested": {}},
            "set": {1, 2},
            "date": datetime.date(2024, 2, 29),
            "time": datetime.time(1, 2, 3),
            "naive": datetime.datetime(2024, 1, 1),
            "utc": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
            "atom": Atom("ok"),
            "pid": ProcessID(),
        }

    @receive("objects")
    def objects(self):
        return [decimal.Decimal("1.10"), Thing(), frozenset(), math.nan]

    @info()
    def note(self, message):
        self.seen.append(message)


def silent():
    sleep(1000)


Supervisor(modules=[Echo, silent])
