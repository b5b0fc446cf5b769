"""What cannot be sent or rebuilt says so, where, and why."""

from __future__ import annotations

import sys
import threading
import unittest
from typing import Any

import _rebeam


class Holder:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("part",)


class Changing:
    """Changes what it is in while it is pickled."""

    def __init__(self, change: Any) -> None:
        self.change = change

    def __reduce__(self) -> Any:
        self.change()
        return (int, ())


class Unruly:
    def __reduce__(self) -> Any:
        raise ValueError("not today")


class Interrupting:
    def __reduce__(self) -> Any:
        raise KeyboardInterrupt


class Vanishing:
    pass


class Failing:
    def __reduce__(self) -> Any:
        return (int, ("no number",))


def nested(depth: int, kind: Any = list) -> Any:
    value: Any = kind()
    for _ in range(depth - 1):
        value = kind((value,))
    return value


class NotPickled(unittest.TestCase):
    def assertRefused(self, value: object, text: str) -> None:
        with self.assertRaises(TypeError) as caught:
            _rebeam.pack(value)
        self.assertEqual(str(caught.exception), text)

    def test_path(self) -> None:
        lock = threading.Lock()
        reason = "cannot pickle '_thread.lock' object"
        slotted = Slotted()
        slotted.part = lock
        self.assertRefused(lock, f"value: {reason}")
        self.assertRefused(
            {"rows": [1, 2, 3, Holder(lock=lock)]}, f'value["rows"][3].lock: {reason}'
        )
        self.assertRefused([{1: (0, lock)}], f"value[0][1][1]: {reason}")
        self.assertRefused(Holder(a=Holder(b=[{"c": lock}])), f'value.a.b[0]["c"]: {reason}')
        self.assertRefused([slotted], f"value[0].part: {reason}")

    def test_kinds(self) -> None:
        async def coroutine() -> None: ...

        waiting = coroutine()
        for value in (lambda: 1, (i for i in ()), threading.Lock(), sys, waiting, sys.stderr):
            with self.assertRaises(TypeError) as caught:
                _rebeam.pack({"part": [value]})
            self.assertTrue(str(caught.exception).startswith('value["part"][0]: cannot pickle'))
        waiting.close()

    def test_other_exceptions_are_the_cause(self) -> None:
        with self.assertRaisesRegex(TypeError, "Unruly.*ValueError: not today") as caught:
            _rebeam.pack([Unruly()])
        self.assertIsInstance(caught.exception.__cause__, ValueError)

    def test_interrupts_pass(self) -> None:
        with self.assertRaises(KeyboardInterrupt):
            _rebeam.pack([Interrupting()])

    def test_deep_objects(self) -> None:
        value = Holder()
        for _ in range(100_000):
            value = Holder(next=value)
        with self.assertRaises(RecursionError):
            _rebeam.pack([value])
        while hasattr(value, "next"):
            value = value.next


class Depth(unittest.TestCase):
    def test_limit(self) -> None:
        for kind in (list, tuple, lambda *a: {"k": a[0][0]} if a else {}):
            arrived = _rebeam.unpack(_rebeam.pack(nested(10_000, kind)))
            self.assertEqual(len(arrived), 1)
            for depth in (10_001, 50_000, 1_000_000):
                with self.assertRaisesRegex(RecursionError, "nested more than 10000 levels"):
                    _rebeam.pack(nested(depth, kind))


class ChangedMeanwhile(unittest.TestCase):
    def test_containers(self) -> None:
        items: list[Any] = [1, None, 3]
        items[1] = Changing(items.clear)
        pairs: dict[Any, Any] = {1: 1, 2: None, 3: 3}
        pairs[2] = Changing(lambda: pairs.pop(3, None))
        grown: dict[Any, Any] = {1: None}
        grown[1] = Changing(lambda: grown.update({i: i for i in range(1000)}))
        elements: set[Any] = {1}
        elements.add(Changing(elements.clear))
        for value in (items, pairs, grown, elements):
            with self.assertRaisesRegex(RuntimeError, "value.*changed size"):
                _rebeam.pack(value)

    def test_replaced_parts(self) -> None:
        items: list[Any] = [None, [1]]

        def replace() -> None:
            items[0] = items[1] = "new"

        items[0] = Changing(replace)
        self.assertEqual(_rebeam.unpack(_rebeam.pack(items)), [0, "new"])


class NotRebuilt(unittest.TestCase):
    def test_missing_class(self) -> None:
        packed = _rebeam.pack(Vanishing())
        module = sys.modules[Vanishing.__module__]
        kept = module.Vanishing
        del module.Vanishing
        try:
            with self.assertRaisesRegex(Exception, "cannot rebuild a .*Vanishing object: Attrib"):
                _rebeam.unpack(packed)
        finally:
            module.Vanishing = kept

    def test_failing_constructor(self) -> None:
        with self.assertRaisesRegex(Exception, "Failing object: ValueError: invalid literal"):
            _rebeam.unpack(_rebeam.pack(Failing()))

    def test_malformed(self) -> None:
        good = _rebeam.pack([1, "text", {"a": (2.5, b"x", -(2**70))}])
        for cut in range(len(good)):
            with self.assertRaises(ValueError):
                _rebeam.unpack(good[:cut])
        with self.assertRaisesRegex(ValueError, "malformed packed value"):
            _rebeam.unpack(good + b"\x00")


if __name__ == "__main__":
    unittest.main()
