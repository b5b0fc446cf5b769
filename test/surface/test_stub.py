"""`_native.pyi` tells type checkers what the native half really has."""

from __future__ import annotations

import ast
import os
import re
import unittest

import rebeam
from rebeam import _native

STUB = os.path.join(os.path.dirname(rebeam.__file__), "_native.pyi")

with open(STUB, encoding="utf-8") as file:
    BODY = ast.parse(file.read()).body

FUNCTIONS = {node.name: node for node in BODY if isinstance(node, ast.FunctionDef)}
CLASSES = {node.name: node for node in BODY if isinstance(node, ast.ClassDef)}


def stub_parameters(node: ast.FunctionDef) -> list[str]:
    """As the native docstrings write them: names and defaults, without types. What is positional
    alone has no name."""
    arguments = node.args
    for each in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):
        each.annotation = None
    for each in arguments.posonlyargs:
        each.arg = "_"
    return split(ast.unparse(arguments))


def native_parameters(name: str, nameless: int) -> list[str]:
    """From `name(parameters)`, with which each native docstring begins; CPython may have taken it
    off for `__text_signature__`."""
    function = getattr(_native, name)
    found = re.match(rf"{name}\((.*?)\)", function.__doc__ or "")
    text = found.group(1) if found else (function.__text_signature__ or "()")[1:-1]
    parameters = [each for each in split(text) if each[0] != "$"]
    return [re.sub(r"^\w+", "_", each) for each in parameters[:nameless]] + parameters[nameless:]


def split(text: str) -> list[str]:
    parts = [each.strip() for each in text.split(",")]
    return [each.replace(" = ", "=") for each in parts if each not in ("", "/")]


class StubTest(unittest.TestCase):
    def test_has_each_name(self) -> None:
        self.assertEqual(sorted({*FUNCTIONS, *CLASSES}), sorted(_native.__all__))

    def test_has_each_parameter(self) -> None:
        for name, node in FUNCTIONS.items():
            with self.subTest(name):
                told = stub_parameters(node)
                native = native_parameters(name, len(node.args.posonlyargs))
                # A default may be written "..." where only the native half knows it.
                for place, default in enumerate(native[: len(told)]):
                    if told[place].endswith("=..."):
                        told[place] = default
                self.assertEqual(told, native)

    def test_tells_the_same(self) -> None:
        for name, node in {**FUNCTIONS, **CLASSES}.items():
            told = ast.get_docstring(node)
            with self.subTest(name):
                if told is not None:
                    native = re.sub(rf"\A{name}\(.*\)\n", "", getattr(_native, name).__doc__ or "")
                    native = native.removeprefix("--\n")
                    self.assertEqual(told.split(), native.split())

    def test_has_each_attribute(self) -> None:
        for name, node in CLASSES.items():
            with self.subTest(name):
                told = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
                native = {each for each in dir(getattr(_native, name)) if each[0] != "_"}
                self.assertEqual({each for each in told if each[0] != "_"}, native)

    def test_tells_which_compare(self) -> None:
        operators = {"__lt__", "__le__", "__gt__", "__ge__"}
        for name, node in CLASSES.items():
            with self.subTest(name):
                told = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
                native = "orders" if self.orders(getattr(_native, name)) else "does not order"
                self.assertEqual(native, "orders" if operators <= told else "does not order")

    @staticmethod
    def orders(cls: type) -> bool:
        made = _native.Atom("a") if cls is _native.Atom else None
        made = _native.ProcessID() if cls is _native.ProcessID else made
        if made is None:
            # Nobody can make one; a Reference orders as a ProcessID does.
            return cls is _native.Reference
        return bool(made <= made)


if __name__ == "__main__":
    unittest.main()
