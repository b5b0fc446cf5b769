"""ProcessID, Reference, Atom and Term as Python objects."""

from __future__ import annotations

import copy
import pickle
import unittest
from typing import Any

import _rebeam

# <0.5.7> and two references of a node called nowhere@host, in the external term format
FAR = bytes([131, 88, 119, 12]) + b"nowhere@host" + bytes([0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 1])
FAR_LATIN = bytes([131, 88, 100, 0, 12]) + FAR[4:]
REFERENCE = bytes([131, 90, 0, 2, 119, 12]) + b"nowhere@host" + bytes([0, 0, 0, 1, 0, 0, 0, 9] * 1)
REFERENCE += bytes([0, 0, 0, 4])
TERM = bytes([131, 108, 0, 0, 0, 1, 97, 1, 97, 2])  # [1 | 2]

FROM = bytes([131, 104, 2]) + FAR[1:] + REFERENCE[1:]  # {Pid, Tag}


class Holder:
    def __init__(self, value: Any) -> None:
        self.value = value


EXAMPLES: list[Any] = [
    _rebeam._process_id(FAR),
    _rebeam._reference(REFERENCE),
    _rebeam.Atom("ok"),
    _rebeam._term(TERM),
]


class Identity(unittest.TestCase):
    def test_equal_and_hashable(self) -> None:
        for value in EXAMPLES:
            other = _rebeam.unpack(_rebeam.pack(value))
            self.assertEqual(other, value)
            self.assertEqual(hash(other), hash(value))
            self.assertEqual({value: 1}[other], 1)
            self.assertFalse(value != other)
        self.assertEqual(len(set(EXAMPLES)), 4)

    def test_copies(self) -> None:
        for value in EXAMPLES:
            self.assertIs(copy.copy(value), value)
            self.assertIs(copy.deepcopy([value])[0], value)
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                self.assertEqual(pickle.loads(pickle.dumps(value, protocol)), value)

    def test_immutable(self) -> None:
        for value in EXAMPLES:
            with self.assertRaises((AttributeError, TypeError)):
                value.anything = 1
            with self.assertRaises(TypeError):
                type(value).anything = 1
            with self.assertRaises(TypeError):
                type("Sub", (type(value),), {})

    def test_one_form_for_every_release(self) -> None:
        self.assertEqual(_rebeam._process_id(FAR_LATIN), _rebeam._process_id(FAR))

    def test_process_id(self) -> None:
        far = EXAMPLES[0]
        self.assertEqual(far.node, "nowhere@host")
        self.assertRegex(str(far), r"^<\d+\.5\.7>$")
        with self.assertRaises(TypeError):
            _rebeam.ProcessID("<0.1.0>")

    def test_request(self) -> None:
        """What `reply` needs goes with the id, and is no part of it."""
        plain, source = _rebeam._process_id(FAR), _rebeam._process_id(FAR, FROM)
        self.assertIsNone(_rebeam._request(plain))
        self.assertIsNone(_rebeam._request("no id"))
        self.assertEqual(source, plain)
        self.assertFalse(source < plain or source > plain or source != plain)
        self.assertEqual((hash(source), repr(source)), (hash(plain), repr(plain)))
        self.assertEqual(source.node, "nowhere@host")
        copies = [
            copy.copy(source),
            copy.deepcopy([source])[0],
            _rebeam.unpack(_rebeam.pack(source)),
            _rebeam.unpack(_rebeam.pack({"a": [(source, 1), source]}))["a"][0][0],
            _rebeam.unpack(_rebeam.pack(Holder(source))).value,
            *(pickle.loads(pickle.dumps(source, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)),
        ]
        for each in copies:
            self.assertEqual(each, source)
            self.assertEqual(_rebeam._request(each), _rebeam._term(FROM))
        self.assertEqual(len({plain, source, *copies}), 1)
        shared = _rebeam.unpack(_rebeam.pack([source, source]))
        self.assertIs(shared[0], shared[1])

    def test_malformed_request(self) -> None:
        packed = _rebeam.pack(_rebeam._process_id(FAR, FROM))
        for end in range(len(packed)):
            with self.assertRaises(ValueError):
                _rebeam.unpack(packed[:end])
        with self.assertRaisesRegex(ValueError, "malformed Term"):
            _rebeam._process_id(FAR, b"x")
        with self.assertRaisesRegex(ValueError, "malformed ProcessID"):
            _rebeam._process_id(b"x", FROM)

    def test_atom(self) -> None:
        atom = _rebeam.Atom("ok")
        self.assertEqual((atom.text, str(atom), repr(atom)), ("ok", "ok", "Atom('ok')"))
        self.assertNotEqual(atom, "ok")
        self.assertLess(_rebeam.Atom("a"), _rebeam.Atom("b"))
        with self.assertRaisesRegex(ValueError, "at most 255"):
            _rebeam.Atom("é" * 256)
        with self.assertRaises(UnicodeEncodeError):
            _rebeam.Atom("\ud800")
        with self.assertRaises(TypeError):
            _rebeam.Atom("a") < "b"  # noqa: B015

    def test_only_from_erlang(self) -> None:
        for kind in (_rebeam.Reference, _rebeam.Term):
            with self.assertRaises(TypeError):
                kind()

    def test_malformed(self) -> None:
        for bad in (
            b"",
            b"\x83",
            FAR[:-1],
            FAR + b"x",
            REFERENCE,
            TERM,
            b"\x83\x58" + b"\xff" * 40,
        ):
            with self.assertRaisesRegex(ValueError, "malformed ProcessID"):
                _rebeam._process_id(bad)
        with self.assertRaisesRegex(ValueError, "malformed Reference"):
            _rebeam._reference(FAR)


if __name__ == "__main__":
    unittest.main()
