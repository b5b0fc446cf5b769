"""Which keys are one, and what is shown of them; in the placement that is argv[1]."""

import enum
import ipaddress
import sys
import threading
import uuid
from collections import namedtuple
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from rebeam import (
    Atom,
    GenPy,
    Registry,
    Supervisor,
    Via,
    call,
    child,
    receive,
    run_register_process,
)

keys = Registry("keys")
Pair = namedtuple("Pair", "x y")
Name = enum.StrEnum("Name", {"ALICE": "alice"})
Color = enum.Enum("Color", "RED GREEN")
Level = enum.IntEnum("Level", "LOW HIGH")


@dataclass(frozen=True)
class Place:
    city: str
    at: object


class Key(str):
    def __eq__(self, other):
        return isinstance(other, Key) and str(self).lower() == str(other).lower()

    def __hash__(self):
        return hash(str(self).lower())


class Number:
    pass


# Equal ones in a row, as a dict has it; the first is registered.
ROWS = [
    ("alice", Name.ALICE, "".join(["al", "ice"])),
    (b"alice", bytes(bytearray(b"alice"))),
    (1, True, 1.0, Decimal(1), Fraction(1), 1 + 0j, Level.LOW),
    (0, False, -0.0, Decimal("-0.0")),
    (Decimal("0.5"), 0.5, Fraction(1, 2)),
    (Fraction(1, 10), Decimal("0.1")),
    (0.1,),
    (10**400, Decimal(10**400)),
    (2.0**70, 2**70),
    (1 + 2j, complex("1+2j")),
    (None,),
    ((1, ("x", b"y")), (1.0, ("x", b"y")), Pair(True, ("x", b"y"))),
    ((),),
    (frozenset({1, "a", (2,)}), frozenset({(2.0,), "a", True})),
    (frozenset(),),
    (Color.RED,),
    (Color.GREEN,),
    (Place("".join(["Ro", "me"]), ("Rome", 1)), Place("Rome", ("Rome", 1.0))),
    (Place("Rome", Color.RED),),
    (uuid.UUID(int=7),),
    (ipaddress.ip_address("::1"),),
    (date(2026, 1, 2), date.fromisoformat("2026-01-02")),
    (timedelta(days=1), timedelta(hours=24)),
    (Atom("ok"),),
    (Atom("_"),),
    ("ok",),
    ("_",),
    (int,),
    (Number,),
    ("", ""),
    ("größe \0 日本 \u2028",),
    ("lone \ud800",),
    (float("inf"), Decimal("inf")),
    (..., Ellipsis),
    (range(3),),
]


class Owner(GenPy):
    @receive("register")
    def register(self, message):
        for number, row in enumerate(message):
            keys.register(row[0], number)

    @receive("seen")
    def seen(self, message):
        return [[keys.lookup(key)[0][1] for key in row] for row in message]

    @receive("number")
    def number(self):
        return "here"


def main():
    owner = run_register_process(child(Owner(), isolation=sys.argv[1]))
    other = run_register_process(child(Owner(), isolation=sys.argv[1]))
    print(call(owner, "register", ROWS)[1])
    rows = list(enumerate(ROWS))
    print([key for n, row in rows for key in row if keys.lookup(key) != [(owner, n)]])
    print(call(other, "seen", ROWS)[1] == [[n] * len(row) for n, row in rows])
    print([key for row in ROWS for key in row if call(Via(keys, key), "number")[1] != "here"])
    shown, given = keys.keys(), [row[0] for row in ROWS]
    print(sorted((type(key).__name__, repr(key)) for key in shown if key not in given))
    print(sorted(map(exact, shown)) == sorted(map(exact, given)), keys.count() == len(ROWS))
    for wrong in ([1], ([],), {}, Place("x", [])):
        try:
            keys.lookup(wrong)
        except TypeError as error:
            print("TypeError:", error)
    try:
        keys.lookup(Place("x", threading.Lock()))
    except TypeError as error:
        print("TypeError:", error)


def exact(key):
    return f"{type(key).__name__} {sorted(map(repr, key)) if isinstance(key, frozenset) else key!r}"


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
