"""Everything public says what it does, and what needs the runtime says whether it suspends."""

from __future__ import annotations

import inspect
import sys
import types
import unittest

import describe

import rebeam
from rebeam import testing

# Neither wait for anything nor hand their work to the runtime.
NEVER_SUSPEND = {
    *("child", "idle", "info", "receive", "start", "stop", "enter", "event", "timeout"),
    *("Received",),
}


def public_things() -> list[tuple[str, object]]:
    return [
        (f"{module.__name__}.{name}", getattr(module, name))
        for module in (rebeam, testing)
        for name in module.__all__
    ]


def says_whether_it_suspends(thing: object) -> bool:
    """Itself, or for all of its module's."""
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    texts = [inspect.getdoc(thing), module and module.__doc__]
    return any("suspend" in (text or "").lower() for text in texts)


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


if __name__ == "__main__":
    unittest.main()
