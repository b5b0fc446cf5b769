"""What Python packs, Python unpacks: equal, of the same types, and new."""

from __future__ import annotations

import os
import random
import unittest

from values import SPECIAL, ZONES, Generator, assert_arrived

import _rebeam

VALUES = int(os.environ.get("REBEAM_VALUES", "2000"))
SEED = int(os.environ.get("REBEAM_SEED", random.randrange(2**32)))


def again(value: object) -> object:
    return _rebeam.unpack(_rebeam.pack(value))


class RoundTrip(unittest.TestCase):
    def test_random_values(self) -> None:
        print(f"REBEAM_SEED={SEED}", flush=True)
        for number in range(VALUES):
            value = Generator(SEED + number).value()
            with self.subTest(seed=SEED + number):
                assert_arrived(value, again(value))
                assert_arrived(value, _rebeam.unpack(_rebeam.packed(value)))

    def test_special_values(self) -> None:
        for value in SPECIAL + ZONES:
            with self.subTest(value=value):
                assert_arrived(value, again(value))

    def test_integers_of_any_size(self) -> None:
        for bits in [*range(1, 300), 33_000, 1_000_003]:
            for value in (2**bits - 1, 2**bits, -(2**bits), 1 - 2**bits):
                self.assertEqual(again(value), value)

    def test_dict_order(self) -> None:
        value = dict.fromkeys(random.Random(SEED).sample(range(1000), 1000))
        arrived = again(value)
        self.assertEqual(list(arrived), list(value))  # type: ignore[call-overload]

    def test_many_parts(self) -> None:
        value = [list(range(100_000)), {str(i): i for i in range(100_000)}, set(range(100_000))]
        self.assertEqual(again(value), value)

    def test_long_texts(self) -> None:
        for value in ("a" * 10**7, "é" * 10**6, "\ud800" * 10**6, b"\xff" * 10**7):
            self.assertEqual(again(value), value)


class Sharing(unittest.TestCase):
    def test_one_object_stays_one(self) -> None:
        for shared in ([1], {1: 2}, {1}, (1, [2]), frozenset([1]), bytearray(b"a"), "text" * 9):
            first, second, third = again([shared, shared, (shared,)])
            self.assertIs(first, second)
            self.assertIs(first, third[0])

    def test_recursive_list(self) -> None:
        value: list[object] = [1]
        value.append(value)
        arrived = again(value)
        self.assertIs(arrived[1], arrived)  # type: ignore[index]

    def test_recursive_dict(self) -> None:
        value: dict[str, object] = {}
        value["self"] = value
        arrived = again(value)
        self.assertIs(arrived["self"], arrived)  # type: ignore[index]

    def test_recursive_tuples(self) -> None:
        inner: list[object] = []
        value = (1, (2, inner), inner)
        inner.extend([value, value[1], value])
        arrived = again(value)
        assert_arrived(value, arrived)
        self.assertIs(arrived[2][0], arrived)  # type: ignore[index]
        self.assertIs(arrived[2][1], arrived[1])  # type: ignore[index]

    def test_sharing_does_not_grow(self) -> None:
        value: list[object] = []
        for _ in range(1000):
            value = [value, value]
        self.assertLess(len(_rebeam.pack(value)), 10_000)
        arrived = again(value)
        self.assertIs(arrived[0], arrived[1])  # type: ignore[index]

    def test_repeated_text_is_packed_once(self) -> None:
        rows = [{"some rather long name": i} for i in range(100)]
        self.assertLess(len(_rebeam.pack(rows)), 1000)


if __name__ == "__main__":
    unittest.main()
