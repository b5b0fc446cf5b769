"""Large values share their memory; what could be changed was copied before."""

from __future__ import annotations

import array
import gc
import io
import mmap
import pickle
import time
import unittest
from typing import Any

import _rebeam
from rebeam._runtime import rebeam_info

LARGE = 1 << 20


def again(value: Any) -> Any:
    return _rebeam.unpack(_rebeam.packed(value))


class Kept:
    def __init__(self, *parts: Any) -> None:
        self.parts = parts


class Shared(unittest.TestCase):
    def setUp(self) -> None:
        self.before = settled(None)

    def tearDown(self) -> None:
        gc.collect()
        self.assertEqual(settled(self.before), self.before)

    def test_bytes_are_the_same(self) -> None:
        data = bytes(LARGE)
        self.assertIs(again(data), data)
        self.assertIs(again([data, {"a": Kept(data)}])[1]["a"].parts[0], data)

    def test_bytes_stay_as_long_as_they_are_needed(self) -> None:
        packed = _rebeam.packed([b"x" * LARGE])
        gc.collect()
        self.assertEqual(_rebeam.unpack(packed), [b"x" * LARGE])

    def test_view_of_bytes(self) -> None:
        data = bytes(range(256)) * (LARGE // 256)
        for view in (memoryview(data), memoryview(data)[16:-16], memoryview(data).cast("d")):
            arrived = again(view)
            self.assertEqual((arrived.format, arrived.shape), (view.format, view.shape))
            self.assertEqual(arrived.tobytes(), view.tobytes())
            self.assertIsInstance(arrived.obj, _rebeam.Memory)

    def test_sent_view_can_be_released(self) -> None:
        with memoryview(bytes(LARGE)) as view:
            arrived = again(view)
        self.assertEqual(len(arrived), LARGE)

    def test_what_arrived_is_read_only(self) -> None:
        for data in (b"ab" * LARGE, b"ab", bytearray(b"ab" * LARGE), array.array("d", [1, 2])):
            arrived = again(memoryview(data))
            self.assertTrue(arrived.readonly)
            with self.assertRaisesRegex(TypeError, "read-only"):
                arrived[0] = 1
            with self.assertRaises(TypeError):
                io.BytesIO(b"x").readinto(arrived.obj)

    def test_what_can_be_changed_is_copied(self) -> None:
        writable = bytearray(b"a" * LARGE)
        mapped = mmap.mmap(-1, LARGE)
        for sent in (writable, memoryview(writable), memoryview(writable).toreadonly(),
                     memoryview(array.array("b", writable)), memoryview(mapped),
                     pickle.PickleBuffer(writable)):  # fmt: skip
            packed = _rebeam.packed(sent)
            before = bytes(memoryview(sent))
            source = sent if sent is writable else getattr(memoryview(sent), "obj", None)
            memoryview(source).cast("B")[:5] = b"later"
            self.assertEqual(bytes(memoryview(_rebeam.unpack(packed))), before)
            memoryview(source).cast("B")[:5] = b"aaaaa"

    def test_bytearray_and_array_arrive_as_they_are(self) -> None:
        for sent in (bytearray(b"ab" * LARGE), array.array("d", range(LARGE // 8))):
            arrived = again(sent)
            self.assertIs(type(arrived), type(sent))
            self.assertEqual(arrived, sent)
            arrived[0] = 9
            self.assertNotEqual(arrived, sent)
            sent.append(1)  # nobody looks at it any more

    def test_sent_on(self) -> None:
        arrived = again(memoryview(bytes(LARGE)))
        count = rebeam_info()["shared"]
        for _ in range(100):
            arrived = again(arrived)
        self.assertEqual(rebeam_info()["shared"], count)

    def test_view_of_a_view(self) -> None:
        part = again(memoryview(b"ab" * LARGE))[10:20]
        gc.collect()
        self.assertEqual(part.tobytes(), b"ab" * 5)
        self.assertEqual(again(part).tobytes(), b"ab" * 5)

    def test_text(self) -> None:
        for text in ("é" * LARGE, "a" * LARGE, "\ud800" * LARGE):
            self.assertEqual(again(text), text)

    def test_pickle_buffers(self) -> None:
        data = b"ab" * LARGE
        arrived = again(pickle.PickleBuffer(data))
        self.assertEqual(memoryview(arrived), data)
        self.assertEqual(pickle.loads(pickle.dumps(arrived)), data)
        self.assertEqual(repr(arrived), f"<rebeam.Memory of {2 * LARGE} bytes>")

    def test_other_shapes(self) -> None:
        data = bytes(range(240))
        for view in (
            memoryview(data).cast("H", (2, 3, 20)), memoryview(data).cast("c"),
            memoryview(data)[::-1], memoryview(data)[::7], memoryview(data)[:0],
            memoryview(data).cast("d").cast("B").cast("?", (240,)),
            memoryview(b"12345678").cast("d", ()), memoryview(data).cast("B", (2, 120))[:1],
        ):  # fmt: skip
            arrived = again(view)
            self.assertEqual(arrived.tolist(), view.tolist())
            self.assertEqual((arrived.format, arrived.shape, arrived.itemsize),
                             (view.format, view.shape, view.itemsize))  # fmt: skip


def settled(want: int | None) -> int:
    """What is released is given back by the executor, a moment later."""
    for _ in range(200):
        now = rebeam_info()["shared"]
        if now == want:
            break
        time.sleep(0.01)
        if want is None and now == rebeam_info()["shared"]:
            break
    return now


if __name__ == "__main__":
    unittest.main()
