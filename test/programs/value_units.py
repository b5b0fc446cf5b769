"""Values between actors of any two units of a program: what arrives, and what is never seen."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import gc
import os
import sys
import threading
import time

from rebeam import *
from rebeam._runtime import rebeam_info


class Colour(enum.Enum):
    RED = "red"
    MIXED = ("red", 2)


class Rights(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


@dataclasses.dataclass
class Point:
    x: int
    y: object = None


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    x: object


class Outer:
    class Inner:
        def __init__(self, value):
            self.value = value


class Refused(Exception):
    """Its arguments are not those of its constructor."""

    def __init__(self, code, *, text):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


class Custom(Exception):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code, self.text = code, text

    def __reduce__(self):
        return Custom, (self.code, self.text)


class State:
    def __init__(self):
        self.lock = threading.Lock()
        self.seen = [1]

    def __getstate__(self):
        return {"seen": self.seen}

    def __setstate__(self, state):
        self.lock = threading.Lock()
        self.seen = state["seen"]


Pair = collections.namedtuple("Pair", "a b")
ZONE = datetime.timezone(datetime.timedelta(hours=5, minutes=30), "there")


def sent(own):
    """Something of everything; `own` is a ProcessID."""
    shared, cycle = Point(1, [2]), {}
    cycle["self"] = [cycle, (cycle,)]
    point = Point(1)
    point.y = Pair(point, {"back": point})
    refused = Refused(5, text="no")
    refused.__cause__ = Custom(6, "why")
    return {
        "classes": [Colour.RED, Colour.MIXED, Rights.READ | Rights.WRITE, Point(1, {"a": (Frozen(2),)}),
                    Frozen(Colour.RED), Pair(1, Pair(2, [3])), Outer.Inner([4]), State()],
        "exceptions": [refused, Custom(7, "text"), KeyError("k"), OSError(2, "gone", "file")],
        "shared": [shared, shared, {"again": shared.y}],
        "cycle": cycle,
        "itself": point,
        "ids": {own: 1, (own, "x"): [own], frozenset([own]): 2},
        "names": [Colour, Point, len, Outer.Inner, datetime.datetime, ZONE.utcoffset(None)],
        "times": [datetime.datetime(2024, 7, 1, 12, tzinfo=ZONE), datetime.timedelta(-1, 0, 1),
                  datetime.time(1, 2, tzinfo=ZONE), datetime.datetime(1, 1, 1, fold=1), ZONE],
        "numbers": [-(7**12_000), float("nan"), -0.0, 1e308, True, 1, 1.0, decimal.Decimal("1.10")],
        "texts": ["\ud800 alone", "größe 😀", b"text", bytearray(b"b"), array.array("d", [1.5])],
        "order": {n: None for n in (3, 1, 2)},
        "sets": [{1, "a"}, frozenset(), {frozenset([1])}],
    }  # fmt: skip


def number(value):
    """What it is, to the bit. (repr refuses an int of so many digits.)"""
    return type(value), hex(value) if type(value) is int else repr(value)


def faults(got, own):
    """What is not as it was sent; names no values, which may be recursive."""
    want = sent(own)
    for part in ("names", "times", "texts", "order", "sets", "ids"):
        if not (got[part] == want[part] and [*map(type, got[part])] == [*map(type, want[part])]):
            yield part, got[part]
    if list(got) != list(want) or list(got["order"]) != [3, 1, 2]:
        yield "order", list(got)
    red, mixed, rights, point, frozen, pair, inner, state = got["classes"]
    if not (red is Colour.RED and mixed is Colour.MIXED and rights == Rights.READ | Rights.WRITE):
        yield "enum"
    if (point, frozen, pair) != tuple(want["classes"][3:6]) or type(pair.b) is not Pair:
        yield "classes"
    if (type(inner), inner.value) != (Outer.Inner, [4]) or (type(state), state.seen) != (State, [1]):
        yield "objects"
    refused, custom, key, gone = got["exceptions"]
    if (type(refused), refused.code, refused.text, str(refused)) != (Refused, 5, "no", "5: no"):
        yield "refused", repr(refused)
    if (type(custom), custom.code, custom.args) != (Custom, 7, (7, "text")):
        yield "custom", repr(custom)
    if repr(key) != "KeyError('k')" or (gone.errno, gone.filename) != (2, "file"):
        yield "exceptions"
    first, second, again = got["shared"]
    if first is not second or again["again"] is not first.y or first != Point(1, [2]):
        yield "shared"
    cycle, point = got["cycle"], got["itself"]
    if cycle["self"][0] is not cycle or cycle["self"][1][0] is not cycle:
        yield "cycle"
    if point.y.a is not point or point.y.b["back"] is not point or type(point.y) is not Pair:
        yield "itself"
    if [*map(number, got["numbers"])] != [*map(number, want["numbers"])]:
        yield "numbers"


LARGE = 400_000


def large(n):
    """Whatever has large memory, and can be had everywhere."""
    data = bytes([n]) * LARGE
    return [data, memoryview(data), memoryview(data)[1:-1], memoryview(data).cast("d"),
            bytearray(data), array.array("B", data), "é" * LARGE]  # fmt: skip


def is_large(got, n):
    """Whether that is what arrived."""
    texts = [each.tobytes() if isinstance(each, (memoryview, array.array)) else each for each in got]
    return (
        texts[:6] == [bytes([n]) * (LARGE - 2 * (i == 2)) for i in range(6)]
        and texts[6] == "é" * LARGE
        and [*map(type, got)] == [*map(type, large(n))]
        and all(each.readonly for each in got[1:4])
        and [each.format for each in got[1:4]] == ["B", "B", "d"]
    )


class Peer(GenPy):
    def __init__(self, name=None):
        self.name, self.kept = name, None

    @receive("echo")
    def echo(self, message):
        return message

    @receive("where")
    def where(self):
        return os.getpid(), id(Colour)

    @receive("make")
    def make(self, source):
        return sent(source)

    @receive("check")
    def check(self, message):
        return [*faults(*message)]

    @receive("relay")
    def relay(self, message):
        """Asks the other for it, looks at it, and sends it there."""
        other, own = message
        status, got = call(other, "make")
        found = [*faults(got, ProcessID())] if status else [got]
        return [*found, *call(other, "check", (sent(own), own))[1:]]

    @receive("take")
    def take(self, message):
        self.kept = message

    @receive("kept")
    def show(self):
        return self.kept

    @receive("drop")
    def drop(self):
        self.kept = None
        gc.collect()

    @receive("is large")
    def is_large(self, message):
        return is_large(self.kept, message)

    @receive("change")
    def change(self, message):
        """Sends what it then changes; and changes what it is sent."""
        mine = {"list": [1], "point": Point(1, [2]), "bytes": bytearray(b"x" * LARGE),
                "array": array.array("i", [1] * LARGE), "set": {1}, "state": State()}  # fmt: skip
        views = [memoryview(mine["bytes"]), memoryview(mine["array"])]
        cast(message, "take", [mine, views])
        mine["list"].append("later")
        mine["point"].y.append("later")
        mine["bytes"][:] = b"y" * LARGE
        mine["array"][0] = 2
        mine["set"].add("later")
        mine["state"].seen.append("later")
        theirs, views = call(message, "kept")[1]
        theirs["list"].append("there")
        theirs["bytes"][:2] = b"zz"
        theirs["array"][1] = 3
        theirs["point"].x = "there"
        same, same_views = call(message, "kept")[1]
        return (
            same["list"], same["point"] == Point(1, [2]), same["bytes"] == b"x" * LARGE,
            same["array"] == array.array("i", [1] * LARGE), same["set"], same["state"].seen,
            same_views[0] == b"x" * LARGE, [view.readonly for view in views + same_views],
        )  # fmt: skip


def pairs(peers):
    return [(a, b) for a in peers for b in peers if a != b]


def values():
    """Every two of three actors."""
    wrong = [call(a, "relay", (b, a)) for a, b in pairs(PEERS)]
    print([each for each in wrong if each != (Status.OK, [[]])] or "as sent")
    print([each for a, b in pairs(PEERS) if (each := call(a, "change", b)[1]) != UNCHANGED] or "apart")


UNCHANGED = ([1], True, True, True, {1}, [1], True, [True] * 4)


def memory():
    """Large memory, on from unit to unit, dropped there in any order."""
    for n, (a, b) in enumerate(pairs(PEERS), 1):
        for maker, keeper in ((a, b), (b, a)):
            cast(maker, "take", large(n))
            got = call(maker, "kept")[1]
            right = [is_large(got, n), call(maker, "is large", n)[1]]
            cast(keeper, "take", got)
            del got
            call(maker, "drop")
            gc.collect()
            cast(maker, "take", call(keeper, "kept")[1])
            call(keeper, "drop")
            right += [call(maker, "is large", n)[1]]
            call(maker, "drop")
            if right != [True] * 3:
                print("wrong", n, right)
    for _ in range(500):
        gc.collect()
        if not rebeam_info()["shared"]:
            break
        time.sleep(0.02)
    print("shared", rebeam_info()["shared"])


def main():
    global PEERS
    isolation = sys.argv[1]
    PEERS = [run_register_process(child(Peer(f"peer {n}"), isolation=each))
             for n, each in enumerate((isolation, isolation, "shared"))]  # fmt: skip
    places = {call(pid, "where")[1] for pid in PEERS}
    print(len({pid for pid, _ in places}), len(places))
    for each in sys.argv[2:]:
        globals()[each]()


if __name__ == "__main__":
    main()
