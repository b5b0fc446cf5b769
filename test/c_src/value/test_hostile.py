"""Objects that do what they should not while they are packed or made again."""

from __future__ import annotations

import gc
import os
import pickle
import random
import threading
import unittest
import weakref
from typing import Any

from test_objects import Node, again

import _rebeam


class Own:
    """Its state has what it does not have itself."""

    def hello(self) -> str:
        return "hello"

    def __getstate__(self) -> Any:
        return {"me": self, "call": self.hello, "list": [self]}


class Weak:
    def __init__(self, other: Any) -> None:
        self.other = weakref.ref(other)

    def __getstate__(self) -> Any:
        return self.other()

    def __setstate__(self, state: Any) -> None:
        self.found = state


class Looks:
    """Looks at what it is in while that is made again."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole

    def __setstate__(self, state: Any) -> None:
        self.whole = state["whole"]
        self.seen = [type(part).__name__ for part in self.whole]


class Clears(Looks):
    def __setstate__(self, state: Any) -> None:
        state["whole"].clear()
        gc.collect()


class Adds(Looks):
    def __setstate__(self, state: Any) -> None:
        whole = state["whole"]
        if isinstance(whole, dict):
            whole["more"] = True
        else:
            whole.add("more")


class Searches:
    def __getstate__(self) -> Any:
        return {"a": 1}

    def __setstate__(self, state: Any) -> None:
        self.count = 0
        for found in gc.get_objects():
            if type(found) in (list, tuple, dict, set, frozenset):
                self.count += sum(part is self for part in found)


class Does:
    """Does something to what it is in when it is packed."""

    def __init__(self, what: Any) -> None:
        self.what = what

    def __reduce__(self) -> Any:
        self.what()
        return int, (1,)


class Endless(list[Any]):
    def __iter__(self) -> Any:
        while True:
            yield 1

    def __reduce__(self) -> Any:
        raise ValueError("not me")


class Liar(dict[Any, Any]):
    def items(self) -> Any:
        return [(1, 2, 3)]


class Knot:
    """Has strong references and weak ones, and its state has both."""

    def __init__(self) -> None:
        self.strong: list[Any] = []
        self.weak: list[Any] = []

    def __getstate__(self) -> Any:
        return [self.strong, [each() for each in self.weak], {"me": self} if self.weak else None]

    def __setstate__(self, state: Any) -> None:
        self.parts = state


def tangle(chance: random.Random) -> Any:
    knots = [Knot() for _ in range(chance.randint(1, 6))]
    others: list[Any] = [[], {}, set(), []][: chance.randint(0, 4)]

    def some() -> Any:
        kind = chance.random()
        if kind < 0.5:
            return chance.choice(knots)
        if kind < 0.7 and others:
            return chance.choice(others)
        return (chance.choice(knots), [1]) if kind < 0.9 else "text"

    for other in others:
        if isinstance(other, list):
            other += [some() for _ in range(chance.randint(0, 3))]
        elif isinstance(other, dict):
            other.update((number, some()) for number in range(chance.randint(0, 3)))
        else:
            other.add(chance.choice(knots))
    for knot in knots:
        knot.strong += [some() for _ in range(chance.randint(0, 3))]
        knot.weak += [weakref.ref(chance.choice(knots)) for _ in range(chance.randint(0, 2))]
    return chance.choice([[knots[0]], {"a": knots[0]}, [knots[0], (knots[-1],)]])


def shape(value: Any) -> list[Any]:
    """What it is made of, and where something is met again."""
    met: dict[int, int] = {}
    found: list[Any] = []
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if id(part) in met:
            found.append(met[id(part)])
        elif isinstance(part, (Knot, list, tuple, dict, set)):
            met[id(part)] = len(met)
            found.append((type(part), len(part) if not isinstance(part, Knot) else None))
            inner = part.parts if isinstance(part, Knot) else part
            waiting += inner.values() if isinstance(inner, dict) else inner
        else:
            found.append(part)
    return found


class Identity(unittest.TestCase):
    def test_as_pickle_keeps_it(self) -> None:
        first = random.randrange(1 << 32)
        for seed in range(first, first + int(os.environ.get("REBEAM_TANGLES", "300"))):
            whole = tangle(random.Random(seed))
            gc.collect()  # or what only weak references know goes at any moment
            wanted = shape(pickle.loads(pickle.dumps(whole)))
            for packed in (_rebeam.packed(whole), _rebeam.pack(whole)):
                made = _rebeam.unpack(packed)
                self.assertEqual(shape(made), wanted, seed)

    def test_what_its_own_state_brings_up(self) -> None:
        for made in (again(Own()), again([Own()])[0], again({"a": (Own(),)})["a"][0]):
            self.assertIs(made.me, made)
            self.assertIs(made.call.__self__, made)
            self.assertIs(made.list[0], made)
            self.assertEqual(made.call(), "hello")

    def test_weak_reference_to_what_contains_it(self) -> None:
        def tree() -> Any:
            root = Node(children=[])
            root.children += [Weak(root) for _ in range(3)]
            return root

        for root in (again(tree()), again([tree()])[0]):
            self.assertEqual([child.found is root for child in root.children], [True] * 3)

    def test_weak_reference_to_what_is_beside_it(self) -> None:
        def pair() -> Any:
            first = Node(name="first")
            return [first, Weak(first)]

        first, second = again(pair())
        self.assertIs(second.found, first)

    def test_weak_reference_to_a_set_around_it(self) -> None:
        def ring() -> Any:
            around = {0}
            around.add(Weak(around))
            return [around]

        (around,) = again(ring())
        (weak,) = around - {0}
        self.assertIs(weak.found, around)


class WhileMade(unittest.TestCase):
    def test_lists_have_no_holes(self) -> None:
        whole: list[Any] = [1, "a"]
        whole += [Looks(whole), 2, Looks(whole)]
        made = again(whole)
        self.assertEqual(len(made), 5)
        self.assertEqual(made[2].seen, ["int", "str"])
        self.assertEqual(made[4].seen, ["int", "str", "Looks", "int"])

    def test_nothing_with_holes_is_found(self) -> None:
        made = again((1, [2, Searches(), 3], (Searches(), 5), {6: Searches()}, 7))
        self.assertEqual(made[2][1], 5)
        self.assertGreaterEqual(made[1][1].count, 0)
        self.assertTrue(gc.is_tracked(again(([],))))

    def test_what_is_cleared_meanwhile(self) -> None:
        whole: list[Any] = [1, 2]
        whole += [Clears(whole), 3]
        self.assertEqual([type(part) for part in again(whole)], [Clears, int])

    def test_what_is_given_more_meanwhile(self) -> None:
        pairs: dict[Any, Any] = {}
        pairs.update(a=Adds(pairs), b=2)
        self.assertEqual(list(again(pairs)), ["more", "a", "b"])
        parts: set[Any] = set()
        parts |= {Adds(parts), 1, 2}
        self.assertEqual(len(again(parts)), 4)


class WhilePacked(unittest.TestCase):
    def test_changes(self) -> None:
        grown: list[Any] = [1]
        grown += [Does(lambda: grown.append(1)), 2]
        shrunk: dict[Any, Any] = {"a": 0, "b": Does(lambda: shrunk.pop("c")), "c": 1}
        swapped: dict[Any, Any] = {"a": 0, "b": 1, "c": 2}
        swapped["b"] = Does(lambda: (swapped.pop("a"), swapped.update(new=1)))
        for whole in (grown, shrunk, swapped):
            with self.assertRaisesRegex(RuntimeError, "changed size while it was packed"):
                _rebeam.packed([whole])

    def test_search_for_what_fails_ends(self) -> None:
        for value, text in (
            (Endless(), r"value: cannot pickle 'Endless' object: ValueError: not me"),
            ([[1]] * 500_000 + [threading.Lock()], r"value\[500000\]: cannot pickle '_thread.l"),
            (Node(a=[[1]] * 500_000 + [threading.Lock()]), r"value.*cannot pickle"),
            (Liar(a=1), r"value: cannot pickle 'Liar' object"),
        ):  # fmt: skip
            with self.assertRaisesRegex(TypeError, text):
                _rebeam.packed(value)


if __name__ == "__main__":
    unittest.main()
