"""Each kind of value to an actor, back, and on to another."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import math
import pathlib
import re
import uuid
import zoneinfo

from baseline import counts, settled

from rebeam import Atom, GenPy, ProcessID, Status, call, receive, run_register_process


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class Point:
    x: int
    y: object = None


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    x: int


class Tagged(dict):
    pass


class Custom(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text

    def __reduce__(self):
        return Custom, (self.code, self.text)

    def __eq__(self, other):
        return type(other) is Custom and (self.code, self.text) == (other.code, other.text)

    __hash__ = None


Pair = collections.namedtuple("Pair", "a b")


class Echo(GenPy):
    def __init__(self, name):
        self.name = name
        self.kept = None

    @receive("echo")
    def echo(self, message):
        return message

    @receive("forward")
    def forward(self, message):
        return call("other", "echo", message)[1]

    @receive("keep")
    def keep(self, message):
        self.kept = message
        return self.kept

    @receive("kept")
    def show(self):
        return self.kept

    @receive("own id")
    def own_id(self):
        return ProcessID()


VALUES = [
    None, True, False, 0, 1, -1, 255, 256, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**63), 2**64,
    -(7**3000),
    0.0, -0.0, 1.5, 1e308, 5e-324, math.inf, -math.inf,
    "", "text", "größe 日本 😀", "\0", "\ud800 alone", "x" * 100_000,
    b"", b"text", b"\xff\x00", bytearray(b"changeable"),
    (), (1,), (1, (2, ())), [], [[]], [1, "two", 3.0, None],
    {}, {"b": 1, "a": 2, "c": 0}, {1: "int", 1.5: "float", (1, 2): "tuple", None: 0, b"k": b"v"},
    set(), {1, "a", (2,)}, frozenset({1, 2}), {frozenset({1}), frozenset()},
    datetime.date(2024, 2, 29), datetime.time(23, 59, 59, 999999),
    datetime.datetime(2024, 1, 1, 12, 30), datetime.datetime.max,
    datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC),
    datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
    datetime.timedelta(days=-1, microseconds=1),
    decimal.Decimal("1.10"), fractions.Fraction(1, 3), 1 + 2j, range(1, 10, 3),
    Color.RED, Level.LOW, Status.TIMEOUT,
    Point(1, {"deep": [Point(2)]}), Frozen(3), Pair(1, [2]), Tagged(a=1),
]
VALUES += [
    collections.OrderedDict([("b", 1), ("a", 2)]), collections.Counter("aab"),
    collections.deque([1, 2], maxlen=5), collections.defaultdict(list, {"a": [1]}),
    uuid.UUID(int=5), pathlib.PurePosixPath("/a/b"), re.compile("a+"), Custom(5, "text"),
    int, Point, len, Atom("ok"), Ellipsis, NotImplemented, memoryview, slice(1, 2),
    datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
]
VALUES = [each for each in VALUES if not isinstance(each, slice)]


def same(a, b):
    """Equal, of one type, in one order, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return math.copysign(1, a) == math.copysign(1, b) and (a == b or (a != a and b != b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(x, y) and same(a[x], b[y]) for x, y in zip(a, b)) and a == b
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def check(value):
    for subject in ("echo", "forward"):
        status, got = call("echo", subject, value)
        if not (status and same(got, value)):
            print("wrong", subject, repr(value)[:100], status, repr(got)[:300])


def main():
    run_register_process(Echo("echo"))
    run_register_process(Echo("other"))
    before = counts()
    for value in VALUES:
        check(value)
        check([value, {"k": value}])
    check(math.nan)

    # A later change on either side is not seen by the other.
    mine = {"list": [1], "point": Point(1, [2]), "set": {1}, "bytes": bytearray(b"x")}
    theirs = call("echo", "keep", mine)[1]
    mine["list"].append("sender")
    mine["point"].y.append("sender")
    theirs["set"].add("receiver of the answer")
    theirs["bytes"].append(0)
    kept = call("echo", "kept")[1]
    if not same(kept, {"list": [1], "point": Point(1, [2]), "set": {1}, "bytes": bytearray(b"x")}):
        print("wrong: shared", kept)

    # One object twice is one object there too, as far as that can be seen.
    shared = Point(1, [])
    got = call("echo", "echo", [shared, shared])[1]
    if not same(got, [shared, shared]):
        print("wrong: twice", got)

    # Keyword order of a large dict, many different strings.
    large = {f"key {n}": n for n in range(20_000, 0, -1)}
    if not same(call("echo", "echo", large)[1], large):
        print("wrong: large")
    if call("echo", "own id")[1] != call("echo", "own id")[1]:
        print("wrong: id")
    del mine, theirs, kept, shared, got, large
    print("values", len(VALUES))
    print(settled(before))


if __name__ == "__main__":
    main()
