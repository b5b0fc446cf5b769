"""Arrays and tables of numpy, pandas, pyarrow and polars."""

from __future__ import annotations

import datetime
import gc
import sys
import threading
import unittest
from typing import Any

import _rebeam

try:
    import numpy
    import pandas
    import polars
    import pyarrow
except ImportError as error:
    raise unittest.SkipTest(f"no {error.name} here") from error

LARGE = 1 << 17


def again(value: Any) -> Any:
    return _rebeam.unpack(_rebeam.packed(value))


def flat(value: Any) -> Any:
    return _rebeam.unpack(_rebeam.pack(value))


def address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


class Arrays(unittest.TestCase):
    def assertSame(self, left: Any, right: Any) -> None:
        self.assertIs(type(left), type(right))
        self.assertEqual((left.dtype, left.shape), (right.dtype, right.shape))
        self.assertEqual(str(left), str(right))

    def test_kinds(self) -> None:
        for dtype in (*"?bBhHiIlLqQefdgFDG", ">i4", ">f8", "M8[ns]", "m8[s]", "U3", "S2", "O", "V4",
                      [("a", "i4"), ("b", "f8", (2,))], numpy.dtypes.StringDType()):  # fmt: skip
            for size in (3, LARGE):
                plain = isinstance(dtype, (list, numpy.dtypes.StringDType)) or dtype == "V4"
                sent = numpy.zeros(size, dtype) if plain else numpy.arange(size).astype(dtype)
                with self.subTest(dtype=dtype, size=size):
                    self.assertSame(again(sent), sent)
                    self.assertSame(flat(sent), sent)

    def test_shapes(self) -> None:
        base = numpy.arange(24.0)
        for sent in (
            base.reshape(2, 3, 4), base.reshape(2, 3, 4).T, numpy.asfortranarray(base.reshape(4, 6)),
            base[::2], base[::-1], base.reshape(4, 6)[1:3, 2:4], numpy.zeros((0, 3)), numpy.zeros(0),
            numpy.array(5), numpy.broadcast_to(1.5, (3, 4)), numpy.zeros((3, 0, 2), order="F"),
        ):  # fmt: skip
            for made in (again(sent), flat(sent)):
                self.assertSame(made, sent)
                self.assertFalse(made.flags.writeable)

    def test_other_classes(self) -> None:
        for sent in (numpy.float32(1.5), numpy.int64(3), numpy.datetime64("2024-01-01"),
                     numpy.dtype("f8"), numpy.matrix([[1, 2]]), numpy.bool_(True)):  # fmt: skip
            self.assertIs(type(again(sent)), type(sent))
            self.assertEqual(str(again(sent)), str(sent))
        masked = numpy.ma.masked_array([1, 2, 3], [0, 1, 0])
        self.assertEqual(str(again(masked)), "[1 -- 3]")
        record = numpy.rec.array([(1, "a")], names="n,t")
        self.assertEqual(again(record).t[0], "a")

    def test_shared_and_frozen(self) -> None:
        for sent in (
            numpy.ones(LARGE),
            numpy.ones((LARGE, 2)).T,
            numpy.arange(LARGE).reshape(2, -1),
        ):
            arrived = again(sent)
            self.assertEqual(address(arrived), address(sent))
            for each in (sent, arrived):
                with self.assertRaisesRegex(ValueError, "read-only"):
                    each[0] = 5
            with self.assertRaises(ValueError):
                arrived.flags.writeable = True
            copy = arrived.copy()
            copy[0] = 5
            self.assertNotEqual(copy.flat[0], sent.flat[0])

    def test_small_ones_are_copied(self) -> None:
        sent = numpy.ones(10)
        arrived = again(sent)
        sent[0] = 5
        self.assertEqual(arrived[0], 1)
        with self.assertRaisesRegex(ValueError, "read-only"):
            arrived[0] = 5

    def test_views_of_writable_memory_are_copied(self) -> None:
        base = numpy.ones(2 * LARGE)
        memory = bytearray(8 * LARGE)
        for sent in (base[:LARGE], base[1:], base.view("i8"), numpy.frombuffer(memory),
                     numpy.frombuffer(memoryview(memory).toreadonly())):  # fmt: skip
            arrived = again(sent)
            self.assertNotEqual(address(arrived), address(sent))
            base[:] = 7
            memory[:8] = b"changed!"
            self.assertNotEqual(arrived[0], sent[0])
            base[:] = 1
            memory[:8] = bytes(8)
        self.assertTrue(base.flags.writeable)

    def test_writable_views_of_arrow_memory_are_copied(self) -> None:
        memory = pyarrow.allocate_buffer(8 * LARGE)
        sent, other = (numpy.frombuffer(memory, "f8") for _ in range(2))
        sent[:] = 1
        arrived = again(sent)
        other[0] = 7
        self.assertEqual(arrived[0], 1)
        shown = pyarrow.array(range(LARGE)).to_numpy()
        self.assertEqual(address(again(shown)), address(shown))

    def test_what_could_not_be_sent_is_not_frozen(self) -> None:
        base = numpy.ones(2 * LARGE)
        part, whole = base[:LARGE].copy(), numpy.ones(LARGE)
        base = base.reshape(2, -1)
        for failing in (threading.Lock(), lambda: 1):
            with self.assertRaises(TypeError):
                _rebeam.packed([base, part, {"a": whole}, failing])
        for each in (base, part, whole):
            self.assertTrue(each.flags.writeable)
        _rebeam.packed([base, part, {"a": whole}])
        for each in (base, base.base, part, whole):
            self.assertFalse(each.flags.writeable)

    def test_views_of_frozen_memory_are_shared(self) -> None:
        base = numpy.ones(2 * LARGE)
        base.flags.writeable = False
        memory = bytes(8 * LARGE)
        for sent in (base[:LARGE], base[1:][1:], numpy.frombuffer(memory), again(base)[5:]):
            self.assertEqual(address(again(sent)), address(sent))

    def test_sent_on(self) -> None:
        first = again(numpy.ones(LARGE))
        arrived = first
        for _ in range(1000):
            arrived = again(arrived)
        self.assertEqual(address(arrived), address(first))
        self.assertIsInstance(arrived.base, _rebeam.Memory)

    def test_memory_lives_as_long_as_a_view(self) -> None:
        arrived = again(numpy.arange(LARGE))[5:8]
        gc.collect()
        noise = [numpy.zeros(LARGE, int) for _ in range(20)]
        self.assertEqual(arrived.tolist(), [5, 6, 7])
        del noise

    def test_one_array_stays_one(self) -> None:
        sent = numpy.ones(LARGE)
        first, second = again([sent, {"a": sent}])
        self.assertIs(first, second["a"])

    def test_read_from_threads(self) -> None:
        packed = _rebeam.packed(numpy.ones(LARGE))
        sums: list[float] = []

        def work() -> None:
            for _ in range(200):
                sums.append(float(_rebeam.unpack(packed)[::1000].sum()))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(sums), {float(len(range(0, LARGE, 1000)))})
        self.assertEqual(len(sums), 800)


class Tables(unittest.TestCase):
    def test_pandas(self) -> None:
        frame = pandas.DataFrame({
            "i": range(LARGE), "f": numpy.random.rand(LARGE), "t": ["a", "é"] * (LARGE // 2),
            "d": pandas.date_range("2024", periods=LARGE, freq="s", tz="Europe/Berlin"),
            "c": pandas.Categorical(["x", "y"] * (LARGE // 2)), "n": pandas.array([1, None] * (LARGE // 2)),
        })  # fmt: skip
        frame.attrs["note"] = "kept"
        for made in (again(frame), flat(frame)):
            pandas.testing.assert_frame_equal(made, frame)
            self.assertEqual(made.attrs, {"note": "kept"})
        arrived = again(frame)
        self.assertEqual(address(arrived["f"].to_numpy()), address(frame["f"].to_numpy()))
        for each in (frame, arrived):
            with self.assertRaisesRegex(ValueError, "read-only"):
                each.loc[0, "f"] = 5.0
        copy = arrived.copy()
        copy.loc[0, "f"] = 5.0
        arrived["new"] = 1
        self.assertNotIn("new", frame)
        for value in (frame["f"], frame["t"], frame.index, frame.groupby("c", observed=True)["i"].sum(),
                      frame.set_index(["i", "c"]).index[:5]):  # fmt: skip
            self.assertTrue(value.equals(again(value)))

    def test_pandas_texts(self) -> None:
        """They lie in Arrow's memory, which is shared too; but a slice takes only its part along."""
        texts = pandas.Series([f"text {n}" if n % 7 else None for n in range(LARGE)])
        arrow = pandas.Series(texts, dtype=pandas.ArrowDtype(pyarrow.string()))
        for sent in (texts, arrow, pandas.DataFrame({"t": texts, "a": arrow})):
            for made in (again(sent), flat(sent)):
                self.assertTrue(made.equals(sent))
                self.assertEqual(str(made), str(sent))
        for sent in (texts, arrow):
            self.assertNotEqual(buffers(sent), [])
            self.assertEqual(buffers(again(sent)), buffers(sent))
        self.assertLess(len(_rebeam.pack(texts[10:20])), 5_000)
        for sent in (texts[10:20], arrow[10:20], pandas.concat([texts, texts]), texts[:0]):
            self.assertTrue(again(sent).equals(sent))
        arrived = again(texts)
        arrived[0] = "changed"
        self.assertNotEqual(texts[0], "changed")

    def test_pandas_numbers_of_arrow(self) -> None:
        """They may lie in a numpy array: what is done to that is not seen."""
        array = numpy.arange(LARGE)
        sent = pandas.Series(array, dtype="int64[pyarrow]")
        arrived = again(sent)
        array[:] = 0
        self.assertEqual(arrived.sum(), LARGE * (LARGE - 1) // 2)

    def test_pyarrow(self) -> None:
        table = pyarrow.table({
            "i": list(range(LARGE)), "t": ["a", None] * (LARGE // 2), "l": [[1, 2], []] * (LARGE // 2),
            "d": pyarrow.array(["x", "y"] * (LARGE // 2)).dictionary_encode(),
        })  # fmt: skip
        arrived = again(table)
        self.assertTrue(arrived.equals(table))
        self.assertEqual(arrived.schema, table.schema)
        first = [c["i"].chunk(0).buffers()[1].address for c in (table, arrived)]
        self.assertEqual(first[0], first[1])
        for value in (table["t"], table["i"].chunk(0), table.slice(5, 10), table.schema,
                      table.to_batches()[0], pyarrow.py_buffer(bytes(LARGE))):  # fmt: skip
            self.assertTrue(value.equals(again(value)))

    def test_polars(self) -> None:
        day = datetime.date(2024, 1, 1)
        frame = polars.DataFrame({
            "i": range(LARGE), "t": ["a", None] * (LARGE // 2), "l": [[1, 2], []] * (LARGE // 2),
            "d": [day] * LARGE, "m": [datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)] * LARGE,
            "b": [b"x"] * LARGE, "o": [True] * LARGE, "e": [datetime.timedelta(1)] * LARGE,
            "long": ["a text that is longer than twelve bytes"] * LARGE,
        })  # fmt: skip
        for made in (again(frame), flat(frame)):
            self.assertTrue(made.equals(frame))
            self.assertEqual(made.schema, frame.schema)
        arrived = again(frame)
        self.assertEqual(place(arrived["i"]), place(frame["i"]))
        frame[0, "i"] = 99
        arrived[1, "i"] = 88
        self.assertEqual((arrived[0, "i"], frame[1, "i"]), (0, 1))
        for value in (
            frame["t"],
            frame["i"],
            frame.head(3),
            polars.Series("s", [1.5, None]),
            polars.Series("c", ["a", "b"], dtype=polars.Categorical),
            polars.DataFrame(),
        ):
            made = again(value)
            self.assertTrue(value.equals(made))
            self.assertEqual(str(made), str(value))
        kinds = polars.DataFrame({
            "c": polars.Series(["a", "b"], dtype=polars.Enum(["a", "b"])),
            "s": [{"x": 1}, {"x": 2}], "n": [None, None], "a": polars.Series([[1, 2], [3, 4]], dtype=polars.Array(int, 2)),
        })  # fmt: skip
        self.assertTrue(again(kinds).equals(kinds))
        self.assertEqual(again(kinds).schema, kinds.schema)
        query = again(frame.lazy().filter(polars.col("i") > LARGE - 3))
        self.assertEqual(query.collect().height, 2)


def buffers(series: Any) -> list[int]:
    """Where the large buffers of a Series of pandas are."""
    chunk = pyarrow.chunked_array(series.array.__arrow_array__()).chunk(0)
    return [each.address for each in chunk.buffers() if each and each.size > LARGE]


def place(series: Any) -> int:
    return address(series.to_numpy())


if __name__ == "__main__":
    print(sys.version)
    unittest.main()
