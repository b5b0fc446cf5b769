"""Everything public says what it does, and what needs the runtime says whether it suspends."""

from __future__ import annotations

import inspect
import pathlib
import re
import types
import unittest

import describe

import rebeam
from rebeam import testing

REFERENCE = pathlib.Path(__file__).parents[2] / "priv/guides/reference.md"

# Of the command line and of Python's, in the package's docstring.
OTHER_WORDS = {"rebeam", "python", "help", "async", "with"}

# Neither wait for anything nor hand their work to the runtime.
NEVER_SUSPEND = {
    *("child", "idle", "info", "receive", "start", "stop", "enter", "event", "timeout"),
    *("Received", "code_change", "merge"),
}


def public_things() -> list[tuple[str, object]]:
    return [
        (f"{module.__name__}.{name}", getattr(module, name))
        for module in (rebeam, testing)
        for name in module.__all__
    ]


def says_whether_it_suspends(thing: object) -> bool:
    """Itself, as `help` shows it without its module. One that waits on a thread says that."""
    text = (inspect.getdoc(thing) or "").lower()
    return "suspend" in text or "holds a thread" in text


class DocumentationTest(unittest.TestCase):
    def test_what_the_package_imports_for_users_is_public(self) -> None:
        """A new function is easily forgotten in `__all__`, and so in `from rebeam import *`."""
        for name, thing in vars(rebeam).items():
            module = getattr(thing, "__module__", None) or ""
            if not name.startswith("_") and module.startswith(("rebeam.", "_rebeam")):
                self.assertIn(name, rebeam.__all__)

    def test_each_public_name_has_a_docstring(self) -> None:
        for name, thing in public_things():
            if callable(thing):
                with self.subTest(name):
                    own = thing.__dict__ if isinstance(thing, type) else {"__doc__": thing.__doc__}
                    self.assertTrue(own.get("__doc__"))

    def test_each_public_method_has_a_docstring(self) -> None:
        for name, cls in public_things():
            for attribute, value in vars(cls).items() if isinstance(cls, type) else ():
                public = not attribute.startswith("_") and isinstance(value, types.FunctionType)
                if public and cls.__module__.startswith("rebeam"):
                    with self.subTest(f"{name}.{attribute}"):
                        self.assertTrue(value.__doc__)

    def test_each_function_says_whether_it_suspends(self) -> None:
        for name, thing in public_things():
            short = name.rpartition(".")[2]
            function = describe.describe(thing) == "function"
            if function and short not in NEVER_SUSPEND:
                with self.subTest(name):
                    self.assertTrue(says_whether_it_suspends(thing))

    def test_each_public_name_is_in_the_reference(self) -> None:
        named = set(re.findall(r"\w+", REFERENCE.read_text(encoding="utf-8")))
        self.assertEqual([name for name in rebeam.__all__ if name not in named], [])

    def test_help_of_the_package_begins_with_what_there_is(self) -> None:
        """Each topic, and nothing that is not public."""
        named = set(re.findall(r"`@?(\w+)", rebeam.__doc__ or ""))
        self.assertEqual(sorted(named - set(rebeam.__all__) - OTHER_WORDS), [])
        self.assertGreater(len(named), 30)


if __name__ == "__main__":
    unittest.main()
