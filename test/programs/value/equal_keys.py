"""Of each two of these, whether they are one key of a registry or table is what a dict says."""

import dataclasses
import datetime
import enum
import functools
import ipaddress
import itertools
import math
import operator
import pathlib
import re
import uuid
import zoneinfo
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rebeam._keys import form

UTC = datetime.UTC
EAST = datetime.timezone(datetime.timedelta(hours=1))
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


class Whole(int):
    pass


class Real(float):
    pass


class Word(str):
    pass


class Row(tuple):
    pass


class Price(Decimal):
    pass


class Moment(datetime.datetime):
    pass


class Color(enum.Enum):
    RED = 1
    GREEN = [2]


class Letter(str, enum.Enum):
    A = "a"


class Level(enum.IntEnum):
    LOW = 1


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass(frozen=True)
class Place:
    at: object


@dataclasses.dataclass(frozen=True)
class Other:
    at: object


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    at: object


Pair = namedtuple("Pair", "a b")
NUMBERS = [
    *(0, 1, -1, 3, True, False, 1.0, 0.0, -0.0, 1.5, 0.1, 1e-20, 1e30, 10**30, 2**64, 2.0**64),
    *(
        Decimal(1),
        Decimal("1.50"),
        Decimal("0.1"),
        Decimal("0.10"),
        Decimal("-0"),
        Decimal("1e-20"),
    ),
    *(Decimal("1e30"), Decimal(2**64), Price("0.1"), Price(1), Decimal("inf"), math.inf, -math.inf),
    *(Fraction(1, 10), Fraction(3, 2), Fraction(1, 3), Fraction(1, 10**20), Fraction(1)),
    *(1j, 1 + 0j, 1.5 + 0j, complex(0, -0.0), Whole(1), Real(1.5), Level.LOW, Rights.READ),
    *(Rights.READ | Rights.WRITE, 10**400, 10**400 + 1, 10**400 + Fraction(1, 3)),
]
TEXTS = ["", "a", "b", "é", "e\u0301", "\ud800", b"", b"a", Word("a"), Letter.A, ("\ud800",)]
MANY = [
    *((), (1,), (1, 2), (1.0, 2), (Decimal(1), Fraction(2)), Row((1, 2)), Pair(1, 2), (None,)),
    *(frozenset(), frozenset([1]), frozenset([True]), frozenset([1.0, "a"]), frozenset(["a", 1])),
    *(frozenset([frozenset([1])]), (frozenset([1, 2]),), (frozenset([2, 1]),)),
    *(range(0), range(5, 5), range(3), range(0, 3, 1), range(0, 4, 2), range(0, 3, 2)),
]
TIMES = [
    *(datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1), Moment(2020, 1, 1)),
    *(datetime.datetime(2020, 1, 1, tzinfo=UTC), datetime.datetime(2020, 1, 1, 1, tzinfo=EAST)),
    *(datetime.datetime(2020, 1, 1, 1, tzinfo=BERLIN), datetime.time(1), UTC, EAST, BERLIN),
    *(datetime.time(1, tzinfo=UTC), datetime.time(2, tzinfo=EAST), datetime.timedelta(0)),
    *(datetime.timedelta(1), datetime.timedelta(hours=24)),
]
OBJECTS = [
    *(uuid.UUID(int=1), uuid.UUID("0" * 31 + "1"), pathlib.Path("a/b"), pathlib.Path("a", "b")),
    *(pathlib.PurePosixPath("a//b"), pathlib.PureWindowsPath("a/b"), re.compile("a")),
    *(re.compile("a", re.I), re.compile(b"a"), ipaddress.ip_address("1.2.3.4")),
    *(ipaddress.ip_address(16909060), ipaddress.ip_network("10.0.0.0/8"), Color.RED, Color.GREEN),
    *(ipaddress.ip_network("10.0.0.0/255.0.0.0"), ipaddress.ip_address("::1")),
    *(Access.READ, Access.READ | Access.WRITE, Access(3), Access(0)),
    *(Place(1), Place(1.0), Place((1,)), Place(frozenset([1, 2])), Place(frozenset([2, 1]))),
    *(Other(1), Slotted(1), Slotted(True), Place(Color.RED), Place(Place(1)), Place(Place(1.0))),
    *(int, float, len, print, Place, functools.reduce, ..., NotImplemented, None, list[int]),
    operator.itemgetter(1),
]

if __name__ == "__main__":
    keys: list[Any] = [*NUMBERS, *TEXTS, *MANY, *TIMES, *OBJECTS]
    forms = [form(key)[0] for key in keys]
    for (one, its), (other, others) in itertools.combinations(zip(keys, forms, strict=True), 2):
        if (its == others) is not (one == other and hash(one) == hash(other)):
            print(repr(one), repr(other), its, others)
    print(len(keys) > 120)
