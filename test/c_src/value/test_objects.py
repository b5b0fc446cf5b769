"""Objects of any class: what they are made from, their state, and what they share."""

from __future__ import annotations

import asyncio
import collections
import copyreg
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import logging
import pathlib
import random
import re
import subprocess
import sys
import types
import unittest
import urllib.error
import uuid
import weakref
from typing import Any, NamedTuple

from values import Refusal

import _rebeam


def again(value: Any) -> Any:
    flat = _rebeam.unpack(_rebeam.pack(value))
    arrived = _rebeam.unpack(_rebeam.packed(value))
    assert type(flat) is type(arrived)
    return arrived


class Node:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Colour(enum.Enum):
    RED = "red"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Row(NamedTuple):
    number: int
    text: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    left: int
    right: Any


class Listed(list[Any]):
    pass


class Mapped(dict[Any, Any]):
    pass


class Keyed:
    def __getnewargs_ex__(self) -> Any:
        return (1,), {"two": 2}

    def __new__(cls, one: int, *, two: int) -> Keyed:
        self = super().__new__(cls)
        self.given = (one, two)
        return self


class Stateful:
    def __getstate__(self) -> Any:
        return "a state that is no dict"

    def __setstate__(self, state: Any) -> None:
        self.got = state


class Set:
    def __reduce__(self) -> Any:
        return Set, (), "state", None, None, set_it


def set_it(made: Set, state: str) -> None:
    made.by_setter = state


class Registered:
    def __init__(self, value: Any) -> None:
        self.value = value


class Outer:
    class Inner:
        def method(self) -> int:
            return 7


class Strict(OSError):
    def __init__(self, path: str) -> None:
        super().__init__(2, "not there", path)
        self.path = path


class Silent(Exception):
    def __init__(self) -> None:
        pass


class Kinds(unittest.TestCase):
    def test_equal(self) -> None:
        for value in (
            Colour.RED, Access.READ | Access.WRITE, Row(1, "a"), Frozen(1, [2]), Listed([1, 2]),
            Mapped(a=1), fractions.Fraction(1, 3), uuid.UUID(int=5), pathlib.PurePosixPath("/a"),
            collections.Counter("aab"), collections.deque([1, 2], maxlen=3), re.compile("a+b"),
            collections.defaultdict(list, {1: [2]}), types.SimpleNamespace(a=1), slice(1, 2, None),
            range(1, 10, 3), complex(1, -2), datetime.timedelta(1), decimal.Context(prec=5).prec,
            collections.ChainMap({1: 2}), Outer.Inner, Outer.Inner.method, len, str.join, json.dumps,
            type(None), type(...), dict[str, int], list[int] | None, int,
        ):  # fmt: skip
            with self.subTest(value=value):
                arrived = again(value)
                self.assertIs(type(arrived), type(value))
                self.assertEqual(arrived, value)

    def test_singletons(self) -> None:
        for value in (Colour.RED, Ellipsis, NotImplemented, logging.getLogger("here"), Outer.Inner):
            self.assertIs(again([value])[0], value)

    def test_ways_to_be_made(self) -> None:
        self.assertEqual(again(Keyed(1, two=2)).given, (1, 2))
        self.assertEqual(again(Stateful()).got, "a state that is no dict")
        self.assertEqual(again(Set()).by_setter, "state")
        bound = again(Outer.Inner().method)
        self.assertEqual(bound(), 7)
        copyreg.pickle(Registered, lambda self: (Registered, (self.value * 2,)))
        try:
            self.assertEqual(again(Registered(4)).value, 8)
        finally:
            copyreg.dispatch_table.pop(Registered)
        generator = random.Random(3)
        self.assertEqual(again(generator).random(), generator.random())

    def test_subclasses_with_attributes(self) -> None:
        value = Listed([1, Mapped(a=2)])
        value.note = ["n"]
        value[1].note = value.note
        arrived = again(value)
        self.assertEqual(arrived, value)
        self.assertIs(arrived.note, arrived[1].note)

    def test_names_of_attributes_are_interned(self) -> None:
        name = next(iter(again(Node(some_rather_long_name=1)).__dict__))
        self.assertIs(name, sys.intern("some_rather_long_name"))


class Sharing(unittest.TestCase):
    def test_through_objects(self) -> None:
        shared = [1]
        first, second = Node(part=shared), Node(part=shared)
        one, two, outside = again([first, {"k": second}, shared])
        self.assertIs(one.part, outside)
        self.assertIs(two["k"].part, outside)

    def test_one_object_stays_one(self) -> None:
        node = Node()
        arrived = again((node, [node], {"a": node, node: 1}))
        self.assertIs(arrived[0], arrived[1][0])
        self.assertIs(arrived[0], arrived[2]["a"])
        self.assertIn(arrived[0], arrived[2])

    def test_cycles(self) -> None:
        parent = Node(children=[])
        for number in range(3):
            parent.children.append(Node(parent=parent, number=number))
        arrived = again(parent)
        self.assertEqual([child.number for child in arrived.children], [0, 1, 2])
        for child in arrived.children:
            self.assertIs(child.parent, arrived)

    def test_cycles_through_what_cannot_be_changed(self) -> None:
        for kind in (tuple, frozenset, lambda parts: Row(parts[0], "x")):
            node = Node()
            node.around = kind([node])
            arrived = again(node)
            self.assertIs(next(iter(arrived.around)), arrived)
            arrived = again(node.around)
            self.assertIs(next(iter(arrived)).around, arrived)

    def test_objects_nested_deep(self) -> None:
        node = None
        for number in range(3000):
            node = Node(next=node, number=number)
        arrived = again(node)
        for number in reversed(range(3000)):
            self.assertEqual(arrived.number, number)
            arrived = arrived.next

    def test_many_objects_are_small(self) -> None:
        rows = [Row(n, "t") for n in range(1000)]
        self.assertLess(len(_rebeam.pack(rows)), 60_000)
        nodes = [Node(number=n, some_name=n) for n in range(1000)]
        self.assertLess(len(_rebeam.pack(nodes)), 60_000)


class Exceptions(unittest.TestCase):
    def test_with_constructors_of_their_own(self) -> None:
        sent = Refusal(4, why=[1])
        sent.add_note("a note")
        arrived = again(sent)
        self.assertEqual((str(arrived), arrived.code, arrived.why), ("refused with 4", 4, [1]))
        self.assertEqual(arrived.__notes__, ["a note"])
        strict = again(Strict("/x"))
        self.assertEqual((strict.errno, strict.filename, strict.path), (2, "/x", "/x"))
        self.assertEqual(again(Silent()).args, ())

    def test_of_the_library(self) -> None:
        for error in (
            ValueError("a", 1), KeyError("k"), OSError(2, "no", "file"), StopIteration(3),
            SystemExit(4), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
            subprocess.CalledProcessError(1, ["a"], b"out"), asyncio.IncompleteReadError(b"a", 3),
            json.JSONDecodeError("bad", "doc", 1), urllib.error.URLError("why"),
            ImportError("no", name="n", path="p"), ExceptionGroup("g", [ValueError(1)]),
            SyntaxError("bad", ("f", 1, 2, "text", 1, 3)),
        ):  # fmt: skip
            with self.subTest(error=error):
                arrived = again(error)
                self.assertIs(type(arrived), type(error))
                self.assertEqual((repr(arrived), str(arrived)), (repr(error), str(error)))
                plain = {k: repr(v) for k, v in vars(error).items()}
                self.assertEqual({k: repr(v) for k, v in vars(arrived).items()}, plain)


class Refused(unittest.TestCase):
    def assertRefused(self, value: object, text: str) -> None:
        with self.assertRaisesRegex(TypeError, text):
            _rebeam.packed({"rows": [value]}, "message")

    def test_path(self) -> None:
        class Local:
            pass

        self.assertRefused(Local(), r'message\["rows"\]\[0\].*Local')
        self.assertRefused(Local, r'message\["rows"\]\[0\]: cannot pickle class .*Local')
        self.assertRefused(lambda: 1, r'message\["rows"\]\[0\]: cannot pickle function')
        self.assertRefused(weakref.ref(Node()), r"message.*cannot pickle 'weakref")
        self.assertRefused(
            Node(a=[Node(b=open)], c=(i for i in "")), r"\[0\].c: cannot pickle 'gen"
        )
        self.assertRefused(Row(1, Node(x=sys)), r"\[0\].text.x: cannot pickle 'module' object")

    def test_bad_reduce(self) -> None:
        for reduced in (3, (), (1, ()), (int,), (int, 5), (int, (), None, None, None, None, None)):
            value = type("Odd", (), {"__reduce__": lambda self, reduced=reduced: reduced})()
            self.assertRefused(value, r'message\["rows"\]\[0\]: cannot pickle .*Odd')


if __name__ == "__main__":
    unittest.main()
