"""The file that holds this package's own modules, compiled: when it is used, and when not."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
import types
import unittest.mock

import test_loader  # noqa: F401  the tests' package `rebeam`
import twins

_package = importlib.import_module("rebeam._engine.package")
_twins = importlib.import_module("rebeam._engine.twins")

ASK = "from _rebeam import call\ndef ask(x): return call(x)\n"


class Package(twins.unittest.TestCase):
    """Each test has a package of its own, `rebeam.asking`, and a folder for caches."""

    def setUp(self) -> None:
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.cache = os.path.join(self.folder, "cache")
        self.path = os.path.join(self.folder, "asking.py")
        self.write(ASK)
        changed = {"XDG_CACHE_HOME": self.cache, "HOME": self.folder}
        for patch in (
            unittest.mock.patch.object(_package, "FOLDER", self.folder),
            unittest.mock.patch.dict(_package._modules, clear=True),
            unittest.mock.patch.dict(os.environ, changed),
            unittest.mock.patch.object(sys, "meta_path", list(sys.meta_path)),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def write(self, text: str) -> None:
        with open(self.path, "w") as file:
            file.write(text)

    def load(self) -> tuple[types.ModuleType, int]:
        """Imports it as a program that has just started; with how often twins were compiled."""
        _package._modules.clear()
        sys.meta_path[:] = [each for each in sys.meta_path if each is not _package._Finder]
        sys.modules.pop("rebeam.asking", None)
        original = _twins.compile_twins
        with unittest.mock.patch.object(_twins, "compile_twins", side_effect=original) as compiling:
            _package.install()
            module = importlib.import_module("rebeam.asking")
        self.assertEqual(twins.drive(module.ask, 1), (2, 1))
        self.assertEqual(module.__file__, self.path)
        return module, compiling.call_count

    def files(self) -> list[str]:
        return [os.path.join(at, name) for at, _, names in os.walk(self.cache) for name in names]

    def test_is_compiled_once(self) -> None:
        self.assertEqual([self.load()[1], self.load()[1]], [1, 0])
        self.assertEqual(len(self.files()), 1)

    def test_bytecode_of_programs_is_another_matter(self) -> None:
        with unittest.mock.patch.object(sys, "dont_write_bytecode", True):
            self.assertEqual([self.load()[1], self.load()[1]], [1, 0])

    def test_a_source_that_changed_counts(self) -> None:
        self.load()
        self.write("more = 5\n" + ASK)
        module, compiled = self.load()
        self.assertEqual((module.more, compiled), (5, 1))

    def test_a_damaged_file_is_made_anew(self) -> None:
        self.load()
        [name] = self.files()
        size = os.path.getsize(name)
        for cut in (0, 4, 20, size - 5):
            os.truncate(name, cut)
            self.assertEqual((self.load()[1], os.path.getsize(name)), (1, size))

    def test_another_users_file_is_not_run(self) -> None:
        self.load()
        with unittest.mock.patch.object(os, "geteuid", return_value=os.geteuid() + 1):
            self.assertEqual(self.load()[1], 1)

    def test_without_a_folder_for_it_modules_are_compiled_when_they_are_imported(self) -> None:
        with open(os.path.join(self.folder, "broken.py"), "w") as file:
            file.write("def (")
        for variables in ({"XDG_CACHE_HOME": self.path}, {"XDG_CACHE_HOME": "", "HOME": ""}):
            with unittest.mock.patch.dict(os.environ, variables):
                self.assertEqual([self.load()[1], self.load()[1]], [1, 1])
                self.assertEqual(self.files(), [])
