"""Classes have versions, which CPython counts and the native part reads (c_src/base/type_version.c).

Without one, handlers are found all the same, but anew for each message: twenty times slower.
"""

from __future__ import annotations

import unittest

from rebeam import GenPy, _handlers, call, receive, run_register_process
from rebeam._native import _type_version


class TypeVersionTest(unittest.TestCase):
    def test_it_stays_until_the_class_or_a_base_changes(self) -> None:
        class Base: ...

        class Derived(Base): ...

        first = _type_version(Derived)
        self.assertNotEqual(first, 0)
        self.assertEqual(_type_version(Derived), first)
        self.assertNotEqual(_type_version(Base), first)
        Derived.own = 1  # type: ignore[attr-defined]
        second = _type_version(Derived)
        Base.inherited = 1  # type: ignore[attr-defined]
        self.assertEqual(len({0, first, second, _type_version(Derived)}), 4)

    def test_a_table_of_handlers_is_made_once_for_each_version(self) -> None:
        class Actor(GenPy):
            @receive("x")
            def x(self) -> None: ...

        first = _handlers.table(Actor)
        self.assertIs(_handlers.table(Actor), first)
        Actor.y = receive("y")(lambda self: None)  # type: ignore[attr-defined]
        second = _handlers.table(Actor)
        own = [each for each in second.receive if not each.startswith("$")]
        self.assertEqual(sorted(own), ["x", "y"])
        self.assertIs(_handlers.table(Actor), second)

    def test_the_native_part_asks_for_a_table_once(self) -> None:
        asked = []

        class Actor(GenPy):
            @classmethod
            def __rebeam_table__(cls) -> _handlers.Table:
                asked.append(cls)
                return super().__rebeam_table__()

            @receive("x")
            def x(self) -> None: ...

        actor = run_register_process(Actor)
        call(actor, "x")
        before = len(asked)
        for _ in range(20):
            call(actor, "x")
        self.assertEqual(len(asked), before)
