"""The import hook: what it takes, what it leaves alone, and its cache."""

from __future__ import annotations

import importlib
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import traceback
import types
import unittest.mock
import zipfile

import twins

PACKAGE = os.path.join(twins.ROOT, "python", "rebeam")

# The tests' `_rebeam` has too little for the package itself; its loader needs no more.
package = types.ModuleType("rebeam")
package.__path__ = [PACKAGE]  # type: ignore[attr-defined]
sys.modules.setdefault("rebeam", package)
_loader = importlib.import_module("rebeam._engine.importer")
_twins = importlib.import_module("rebeam._engine.twins")


class LoaderTestCase(twins.unittest.TestCase):
    """Each test has a folder of its own as the only root, with bytecode allowed."""

    def setUp(self) -> None:
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.saved = list(sys.path), set(sys.modules), sys.dont_write_bytecode
        sys.path.insert(0, self.folder)
        sys.dont_write_bytecode = False
        _loader.program.__init__()
        _loader.install([self.folder])
        self.addCleanup(self.restore)

    def restore(self) -> None:
        sys.path[:], modules, sys.dont_write_bytecode = self.saved
        for name in set(sys.modules) - modules:
            del sys.modules[name]
        importlib.invalidate_caches()

    def write(self, name: str, text: str | bytes) -> str:
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = textwrap.dedent(text).encode() if isinstance(text, str) else text
        with open(path, "wb") as file:
            file.write(data)
        importlib.invalidate_caches()
        return path

    def run_script(self, text: str) -> dict[str, object]:
        path = self.write("main.py", text)
        namespace: dict[str, object] = {"__name__": "__main__", "__file__": path}
        exec(_loader.load_script(path), namespace)
        return namespace

    def suspensions(self, function, *args) -> int:
        return twins.drive(function, *args)[1]

    def caches(self) -> list[str]:
        folder = os.path.join(self.folder, "__pycache__")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


HELPER = "from _rebeam import call\ndef ask(x): return call(x)\n"


class Importing(LoaderTestCase):
    def test_script_and_module(self) -> None:
        self.write("helper.py", HELPER)
        ns = self.run_script("from helper import ask\ndef main(): return ask(1) + ask(2)")
        self.assertEqual(twins.drive(ns["main"]), (6, 2))

    def test_packages_and_relative_imports(self) -> None:
        self.write("pkg/__init__.py", "from .low import ask as again\n")
        self.write("pkg/low.py", "from ._rebeam_names import call\ndef ask(x): return call(x)\n")
        self.write("pkg/_rebeam_names.py", "from _rebeam import call\n")
        self.write("pkg/sub/__init__.py", "")
        self.write("pkg/sub/mid.py", "from .. import low\ndef mid(x): return low.ask(x)\n")
        ns = self.run_script(
            "import pkg.sub.mid\nfrom pkg import again\n"
            "def main(): return pkg.sub.mid.mid(1), again(2)"
        )
        self.assertEqual(twins.drive(ns["main"]), ((2, 4), 2))

    def test_imported_later(self) -> None:
        self.write("late.py", "from _rebeam import call\ndef get(): return call(1)\n")
        ns = self.run_script(
            "import importlib\ndef main(): return importlib.import_module('late').get()"
        )
        self.assertEqual(ns["main"](), 2)
        self.assertEqual(self.suspensions(sys.modules["late"].get), 1)

    def test_os_path_may_be_patched(self) -> None:
        """As detectors of blocking calls do it while an event loop runs."""
        self.write("late.py", "def get(): return 2\n")
        with unittest.mock.patch("os.path.abspath", side_effect=BlockingIOError):
            self.assertEqual(importlib.import_module("late").get(), 2)

    def test_reload(self) -> None:
        self.write("helper.py", HELPER)
        import helper

        old = helper.ask
        self.assertEqual(self.suspensions(old, 1), 1)
        importlib.reload(helper)
        self.assertEqual(self.suspensions(helper.ask, 1), 1)
        self.write("helper.py", HELPER + "def other(): return ask(1) + ask(2)\n")
        importlib.reload(helper)
        self.assertEqual(twins.drive(helper.other), (6, 2))
        self.assertEqual(twins.drive(old, 1), (2, 1))

    def test_circular_imports(self) -> None:
        self.write("a.py", "import b\ndef f(): return b.ask(1)\n")
        self.write("b.py", "import a\n" + HELPER)
        import a

        self.assertEqual(self.suspensions(a.f), 1)

    def test_source_is_shown(self) -> None:
        path = self.write("helper.py", HELPER + "def bad():\n    call(1)\n    return 1 / 0\n")
        import helper

        self.assertEqual(inspect.getsource(helper.ask), "def ask(x): return call(x)\n")
        try:
            twins.drive(helper.bad)
        except ZeroDivisionError as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.assertEqual((last.filename, last.lineno, last.line), (path, 5, "return 1 / 0"))

    def test_encodings(self) -> None:
        text = "# coding: latin-1\nfrom _rebeam import call\ndef f(): return call('\xe9')\n"
        self.write("latin.py", text.encode("latin-1"))
        self.write("bom.py", b"\xef\xbb\xbf" + HELPER.encode())
        import bom
        import latin

        self.assertEqual(twins.drive(latin.f), ("\xe9\xe9", 1))
        self.assertEqual(twins.drive(bom.ask, 1), (2, 1))

    def test_zip(self) -> None:
        path = os.path.join(self.folder, "some.zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("zipped.py", HELPER)
        sys.path.insert(0, path)
        zipped = importlib.import_module("zipped")
        self.assertEqual(twins.drive(zipped.ask, 1), (2, 1))

    def test_syntax_errors_are_untouched(self) -> None:
        for text in ("def f(:\n", "def f():\n    return call(1\n", "return 1\n"):
            with self.subTest(text=text):
                path = self.write("broken.py", text)
                with self.assertRaises(SyntaxError) as plain, open(path, "rb") as file:
                    compile(file.read(), path, "exec")
                with self.assertRaises(SyntaxError) as imported:
                    importlib.import_module("broken")
                with self.assertRaises(SyntaxError) as script:
                    _loader.load_script(path)
                self.assertEqual(str(imported.exception), str(plain.exception))
                self.assertEqual(script.exception.args, plain.exception.args)

    def test_a_script_that_is_not_utf8_is_reported_as_python_does(self) -> None:
        path = self.write("broken.py", b"x = 1\ny = '\xff'\n")
        told = subprocess.run([sys.executable, path], capture_output=True, text=True).stderr
        with self.assertRaises(SyntaxError) as raised:
            _loader.load_script(path)
        self.assertEqual("".join(traceback.format_exception_only(raised.exception)), told)

    def test_a_broken_import_waits_for_its_turn(self) -> None:
        self.write("broken.py", "def f(:\n")
        ns = self.run_script(
            "from _rebeam import call\ndef main():\n    call(1)\n"
            "    try: import broken\n    except SyntaxError: return 'told'\n"
        )
        self.assertEqual(twins.drive(ns["main"]), ("told", 1))

    def test_warnings_come_once(self) -> None:
        self.write("warns.py", HELPER + "def f(): return call(1) is 5\n")
        with twins.warnings.catch_warnings(record=True) as seen:
            twins.warnings.simplefilter("always")
            importlib.import_module("warns")
        self.assertEqual([each.category for each in seen], [SyntaxWarning])

    def test_future_annotations(self) -> None:
        self.write(
            "future.py",
            "from __future__ import annotations\n" + HELPER + "def f():\n"
            "    def g(x: ask(1) = call(1)) -> ask(2): return x\n"
            "    return g(), g.__annotations__\n",
        )
        import future

        value, suspended = twins.drive(future.f)
        self.assertEqual((value, suspended), ((2, {"x": "ask(1)", "return": "ask(2)"}), 1))


class LeftAlone(LoaderTestCase):
    def plain(self, module: types.ModuleType) -> None:
        self.assertNotIsInstance(module.__spec__.loader, _loader.Loader)
        self.assertEqual(twins.drive(module.ask, 1), (2, 0))

    def test_site_packages(self) -> None:
        self.write(".venv/lib/site-packages/installed.py", HELPER)
        self.write("site-packages/other.py", HELPER)
        sys.path[:0] = [
            os.path.join(self.folder, ".venv/lib/site-packages"),
            os.path.join(self.folder, "site-packages"),
        ]
        self.plain(importlib.import_module("installed"))
        self.plain(importlib.import_module("other"))

    def test_standard_library(self) -> None:
        self.assertFalse(_loader.program.is_user_file(os.__file__))

    def test_sourceless(self) -> None:
        import py_compile

        source = self.write("bare.py", HELPER)
        py_compile.compile(source, cfile=os.path.join(self.folder, "bare.pyc"))
        os.unlink(source)
        self.plain(importlib.import_module("bare"))

    def test_imported_before(self) -> None:
        self.write("early.py", HELPER)
        sys.meta_path.remove(_loader._Finder)
        early = importlib.import_module("early")
        _loader.install([self.folder])
        self.plain(early)


@twins.unittest.skipIf(twins.ALL, "about the names in a cache")
class Cache(LoaderTestCase):
    def load(self, text: str = HELPER) -> types.ModuleType:
        """Imports the module `helper` afresh, in a program that has just started."""
        self.write("helper.py", text)
        _loader.program.__init__()
        _loader.install([self.folder])
        sys.modules.pop("helper", None)
        return importlib.import_module("helper")

    def compilations(self, **more: str) -> int:
        """How many times importing `helper` compiles twins."""
        counted = []
        original = _loader.compile_twins

        def counting(*args: object) -> object:
            counted.append(args)
            return original(*args)

        _loader.compile_twins = counting
        try:
            module = self.load(**more)
        finally:
            _loader.compile_twins = original
        self.assertEqual(twins.drive(module.ask, 1), (2, 1))
        return len(counted)

    def test_is_used(self) -> None:
        self.assertEqual([self.compilations(), self.compilations()], [1, 0])
        tag = sys.implementation.cache_tag
        self.assertEqual(self.caches(), [f"helper.rebeam-{_twins.FORMAT}.{tag}.pyc"])

    def test_source_changes_at_once(self) -> None:
        self.compilations()
        self.assertEqual(self.compilations(text=HELPER.replace("(x)", "(y)")), 1)

    def test_names_of_other_modules_change(self) -> None:
        text = HELPER + "def top(): return other_name()\n"
        self.assertEqual([self.compilations(text=text) for _ in range(2)], [1, 0])
        more = "import second\n" + text
        self.write("second.py", "def other_name(): call(1)\n")
        self.compilations(text=more)
        self.write("second.py", "def other_name(): print(1)\n")
        self.assertEqual(self.compilations(text=more), 1)

    def test_damaged(self) -> None:
        self.compilations()
        path = os.path.join(self.folder, "__pycache__", self.caches()[0])
        for cut in (0, 4, 20, -5):
            with open(path, "rb") as file:
                content = file.read()
            with open(path, "wb") as file:
                file.write(content[:cut])
            self.assertEqual(self.compilations(), 1)

    def test_unwritable(self) -> None:
        self.write("__pycache__", "a file where the folder should be")
        self.assertEqual([self.compilations(), self.compilations()], [1, 1])

    def test_not_wanted(self) -> None:
        sys.dont_write_bytecode = True
        self.compilations()
        self.assertEqual(self.caches(), [])

    def test_moved_folder(self) -> None:
        self.compilations()
        moved = os.path.join(self.folder, "moved")
        os.mkdir(moved)
        for name in ("helper.py", "__pycache__"):
            shutil.move(os.path.join(self.folder, name), moved)
        sys.path.insert(0, moved)
        importlib.invalidate_caches()
        sys.modules.pop("helper", None)
        module = importlib.import_module("helper")
        self.assertEqual(module.ask.__code__.co_filename, os.path.join(moved, "helper.py"))

    def test_nothing_to_suspend(self) -> None:
        self.write("dull.py", "def f(): return 1\n")
        import dull

        self.assertEqual(dull.f(), 1)
        self.assertEqual(self.caches(), [f"dull.{sys.implementation.cache_tag}.pyc"])


if __name__ == "__main__":
    twins.unittest.main()
