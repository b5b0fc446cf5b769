"""Random values, and what it means that one arrived as another."""

from __future__ import annotations

import array
import copy
import dataclasses
import datetime
import decimal
import enum
import math
import random
import zoneinfo
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from typing import Any

import _rebeam


class Colour(enum.IntEnum):
    RED = 1
    BLUE = 2


class Text(str):
    """A str that is more than its text."""


@dataclasses.dataclass
class Order:
    number: int
    lines: list[Any]


Point = namedtuple("Point", "x y")


class Slotted:
    __slots__ = ("left", "right")


class Made:
    """Made from its parts, as __reduce__ says."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __reduce__(self) -> Any:
        return Made, self.parts


class Refusal(Exception):
    """Its constructor does not take what it keeps in `args`."""

    def __init__(self, code: int, *, why: Any) -> None:
        super().__init__(f"refused with {code}")
        self.code = code
        self.why = why


ZONES = [
    datetime.UTC,
    datetime.timezone(datetime.timedelta(hours=5, minutes=45)),
    datetime.timezone(datetime.timedelta(seconds=-90), "odd"),
    datetime.timezone(datetime.timedelta(microseconds=1)),
    datetime.timezone(datetime.timedelta(hours=-5), "EST"),
    datetime.timezone(datetime.timedelta(hours=1), "\ud800"),
    datetime.timezone.min,
    datetime.timezone.max,
    zoneinfo.ZoneInfo("Europe/Berlin"),
    zoneinfo.ZoneInfo("America/New_York"),
    zoneinfo.ZoneInfo("Etc/GMT+5"),
    zoneinfo.ZoneInfo.no_cache("Europe/Berlin"),
]

SPECIAL = [
    None, True, False, 0, 1, -1, 63, 64, -64, -65, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1,
    2**64, -(2**64), 10**300, -(16**1001), 0.0, -0.0, 1.5, math.nan, math.inf, -math.inf, 5e-324,
    1.7976931348623157e308, "", "a", "é", "日本", "\U0001f600", "\x00", "\ud800", "a\udfff" * 50,
    b"", b"\x00\xff", bytearray(b"ab"), (), [], {}, set(), frozenset(), ..., NotImplemented, 1j,
    int, len, range(3), Colour.RED, Text("t"), Point(1, [2]), OrderedDict(b=1, a=2),
    decimal.Decimal("1.50"), decimal.Decimal("-0E+5"), decimal.Decimal("sNaN12"),
    datetime.date.min, datetime.date.max, datetime.time.max, datetime.datetime.min,
    datetime.datetime.max, datetime.timedelta(1, 2, 3), datetime.timedelta.min,
    datetime.timedelta.max, datetime.timedelta(-1, 1), _rebeam.Atom("ok"), _rebeam.Atom("é" * 255),
]  # fmt: skip


class Generator:
    """Values from a seed. What it made before may come again: shared, or as a cycle."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.made: list[Any] = []
        self.budget = self.random.choice((3, 10, 40, 150))

    def value(self, depth: int = 0) -> Any:
        self.budget -= 1
        if self.made and self.random.random() < 0.15:
            return self.random.choice(self.made)
        if depth > 8 or self.budget < 0 or self.random.random() < 0.4:
            return self.leaf()
        return self.random.choice(self.kinds())(depth)

    def kinds(self) -> tuple[Callable[[int], Any], ...]:
        return (self.list, self.list, self.dict, self.dict, self.tuple, self.set, self.frozenset,
                self.order, self.slotted, self.object, self.refusal)  # fmt: skip

    def keep(self, value: Any) -> Any:
        self.made.append(value)
        return value

    def count(self) -> int:
        return self.random.choice((0, 1, 2, 3, 5, 9))

    def list(self, depth: int) -> list[Any]:
        made: list[Any] = self.keep([])
        made.extend(self.value(depth + 1) for _ in range(self.count()))
        return made

    def dict(self, depth: int) -> dict[Any, Any]:
        made: dict[Any, Any] = self.keep({})
        for _ in range(self.count()):
            made[self.key(depth + 1)] = self.value(depth + 1)
        return made

    def tuple(self, depth: int) -> tuple[Any, ...]:
        return self.keep(tuple(self.value(depth + 1) for _ in range(self.count())))

    def set(self, depth: int) -> set[Any]:
        return self.keep({self.key(depth + 1) for _ in range(self.count())})

    def frozenset(self, depth: int) -> frozenset[Any]:
        return self.keep(frozenset(self.key(depth + 1) for _ in range(self.count())))

    def order(self, depth: int) -> Order:
        made: Order = self.keep(Order(self.integer(), []))
        made.lines = self.value(depth + 1)
        return made

    def slotted(self, depth: int) -> Slotted:
        made: Slotted = self.keep(Slotted())
        made.left = self.value(depth + 1)
        made.right = self.value(depth + 1)
        return made

    def object(self, depth: int) -> Made:
        made: Made = self.keep(Made(*(self.value(depth + 1) for _ in range(self.count()))))
        return made

    def refusal(self, depth: int) -> Refusal:
        made: Refusal = self.keep(Refusal(self.integer(), why=None))
        made.why = self.value(depth + 1)
        return made

    def key(self, depth: int) -> Any:
        if depth < 6 and self.random.random() < 0.2:
            kind: Callable[[Any], Any] = self.random.choice((tuple, frozenset))
            return kind(self.key(depth + 1) for _ in range(self.count()))
        while True:
            leaf = self.leaf()
            try:
                hash(leaf)
            except (TypeError, ValueError):
                continue
            if not isinstance(leaf, memoryview):  # it equals bytes
                return leaf

    def leaf(self) -> Any:
        return self.random.choice((self.special, self.integer, self.float, self.text, self.text,
                                   self.bytes, self.memory, self.moment,
                                   self.decimal))()  # fmt: skip

    def special(self) -> Any:
        return copy.deepcopy(self.random.choice(SPECIAL))

    def integer(self) -> int:
        bits = self.random.choice((1, 6, 7, 8, 31, 62, 63, 64, 65, 200, 3000))
        return self.random.getrandbits(bits) * self.random.choice((1, -1))

    def float(self) -> float:
        return self.random.choice((self.random.random(), self.random.uniform(-1e300, 1e300)))

    def text(self) -> str:
        alphabet = self.random.choice(("abc", "aé日\U0001f600", "a\ud800\udc00", "\x00\x7f\x80"))
        return "".join(self.random.choices(alphabet, k=self.random.choice((0, 1, 5, 40, 600))))

    def bytes(self) -> bytes:
        return self.random.randbytes(self.random.choice((0, 1, 7, 300)))

    def memory(self) -> Any:
        size = self.random.choice((8, 8, 80, 800, 65_528, 65_536, 80_000))
        data = self.random.randbytes(size // 8) * 8
        view = memoryview(data).cast(self.random.choice("bBhHiIqQfd?"))
        return self.random.choice((data, bytearray(data), array.array("h", data), view,
                                   memoryview(bytearray(data)), view[::2]))  # fmt: skip

    def moment(self) -> Any:
        pick = self.random
        day = datetime.date.fromordinal(pick.randint(1000, 3_600_000))
        time = datetime.time(pick.randrange(24), pick.randrange(60), pick.randrange(60),
                             pick.randrange(10**6), fold=pick.randrange(2))  # fmt: skip
        zone = pick.choice((None, pick.choice(ZONES)))
        both = datetime.datetime.combine(day, time, zone)
        return pick.choice((day, time, time.replace(tzinfo=zone), both, both))

    def decimal(self) -> decimal.Decimal:
        digits = tuple(self.random.choices(range(10), k=self.random.choice((1, 5, 60))))
        return decimal.Decimal((self.random.randrange(2), digits, self.random.randint(-99, 99)))


MUTABLE = (list, dict, set, bytearray, array.array, Slotted, Made, BaseException)


def _mutable(value: Any) -> bool:
    return isinstance(value, MUTABLE) or dataclasses.is_dataclass(type(value))


class Difference(AssertionError):
    pass


def assert_arrived(sent: Any, arrived: Any) -> None:
    """Same types, values, order of dicts, and sharing; nothing mutable in common."""
    forth: dict[int, Any] = {}  # id of what was sent: what it arrived as
    back: dict[int, Any] = {}  # and the other way round
    todo = [(sent, arrived)]
    while todo:
        left, right = todo.pop()
        if type(left) is not type(right):
            raise Difference(f"{type(left)} became {type(right)}")
        mutable = _mutable(left)
        if mutable and left is right:
            raise Difference(f"the {type(left)} is the sender's own")
        if mutable or (isinstance(left, tuple) and left):
            if forth.setdefault(id(left), right) is not right:
                raise Difference(f"one {type(left)} arrived as two")
            known = id(right) in back
            if back.setdefault(id(right), left) is not left and mutable:
                raise Difference(f"two {type(left)}s arrived as one")
            if known:
                continue
        todo.extend(_parts(left, right))


def _parts(left: Any, right: Any) -> list[tuple[Any, Any]]:
    if dataclasses.is_dataclass(type(left)):
        names = [field.name for field in dataclasses.fields(left)]
        return [(getattr(left, name), getattr(right, name)) for name in names]
    if type(left) is Slotted:
        return [(left.left, right.left), (left.right, right.right)]
    if type(left) is Made:
        return _pairs(left.parts, right.parts)
    if isinstance(left, BaseException):
        return [(left.args, right.args), (vars(left), vars(right))]
    if isinstance(left, dict):
        return _pairs(list(left), list(right)) + _pairs(list(left.values()), list(right.values()))
    if isinstance(left, (list, tuple)):
        return _pairs(left, right)
    if isinstance(left, (set, frozenset)):
        return _pairs(_sorted(left), _sorted(right))
    if _plain(left) != _plain(right):
        raise Difference(f"{_plain(left)} became {_plain(right)}")
    return []


def _pairs(left: Any, right: Any) -> list[tuple[Any, Any]]:
    if len(left) != len(right):
        raise Difference(f"{len(left)} parts became {len(right)}")
    return list(zip(left, right))


def _sorted(elements: Any) -> list[Any]:
    return sorted(elements, key=_plain)


def _plain(leaf: Any) -> str:
    """What tells two leaves apart, also NaNs, zeros, and times in the fold."""
    if isinstance(leaf, (set, frozenset)):
        return "{" + ",".join(sorted(map(_plain, leaf))) + "}"
    if isinstance(leaf, tuple):
        return "(" + ",".join(map(_plain, leaf)) + ")"
    if isinstance(leaf, memoryview):
        return f"{leaf.format} {leaf.itemsize} {leaf.shape} {leaf.tobytes()!r}"
    if isinstance(leaf, (datetime.datetime, datetime.time)):
        return f"{leaf!r} {leaf.fold} {leaf.tzinfo!r}"
    if type(leaf) is int:
        return f"int {leaf:x}"  # of any length
    return f"{type(leaf).__qualname__} {leaf!r}"
