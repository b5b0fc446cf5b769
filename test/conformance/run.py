"""CPython's own test suite, run through twins: does suspendable code behave as plain code does?

    python run.py [--native FOLDER] [--launcher COMMAND] [-v] [module...]

Each module of `Lib/test` runs twice, each time in a fresh OS process of this very Python: plainly,
and with every call of every function made a suspension point (REBEAM_SUSPEND=all). What each test
came to is compared. Differences that are known are in differs.txt; another one, or one that is
gone, makes the exit status 1. Some tests are only in later releases of a version.

FOLDER holds a `_rebeam` extension (test/c_src/suspend/build.sh makes one). Inside the runtime there is
one already; COMMAND, such as "rebeam", then starts the second process of each pair.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import types
import unittest
from collections.abc import Callable
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, "..", "..", "python", "rebeam")
NATIVE = os.path.join(HERE, "..", "..", "build", "suspend")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
SECONDS = 900

MODULES = [
    "test_grammar", "test_scope", "test_exceptions", "test_with", "test_decorators",
    "test_funcattrs", "test_keywordonlyarg", "test_positional_only_arg", "test_super",
    "test_patma", "test_iter", "test_raise", "test_generators", "test_coroutines", "test_asyncgen",
    "test_contextlib", "test_contextlib_async", "test_builtin", "test_descr", "test_functools",
    "test_itertools",
    "test_collections", "test_re", "test_typing", "test_dict", "test_set", "test_deque",
    "test_traceback", "test_logging", "test_argparse", "test_weakref", "test_copy", "test_pickle",
    "test_statistics", "test_enum", "test_threading", "test_queue", "test_asyncio",
]  # fmt: skip


# ---- one module, in its own process --------------------------------------------------------------


class Outcomes(unittest.TestResult):
    """What each test came to, and why."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: dict[str, str] = {}
        self.details: dict[str, str] = {}

    def _note(self, test: Any, outcome: str, error: Any = None) -> None:
        name = test.id()
        if self.outcomes.get(name) in ("fail", "error"):
            return
        self.outcomes[name] = outcome
        if error is not None:
            self.details[name] = self._exc_info_to_string(error, test)

    def addSuccess(self, test: Any) -> None:
        self._note(test, self.outcomes.get(test.id(), "ok"))

    def addFailure(self, test: Any, err: Any) -> None:
        self._note(test, "fail", err)

    def addError(self, test: Any, err: Any) -> None:
        self._note(test, "error", err)

    def addSkip(self, test: Any, reason: str) -> None:
        self._note(test, "skip")

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self._note(test, "expected failure")

    def addUnexpectedSuccess(self, test: Any) -> None:
        self._note(test, "unexpected success")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self._note(test, "fail" if failed else "error", err)


def use_twins(run: Callable[..., Any]) -> None:
    """Makes unittest call test methods and their set-up through `run`."""

    def call_method(self: unittest.TestCase, method: Callable[[], Any]) -> None:
        run(method)

    def call_cleanup(self: unittest.TestCase, function: Any, /, *args: Any, **kwargs: Any) -> None:
        run(function, *args, **kwargs)

    case: Any = unittest.TestCase
    case._callTestMethod = call_method
    case._callSetUp = lambda self: run(self.setUp)
    case._callTearDown = lambda self: run(self.tearDown)
    case._callCleanup = call_cleanup


def load_runtime(native: str, root: str) -> Any:
    """`_rebeam`, with the loader installed for modules below `root`."""
    try:
        import _rebeam
        from rebeam._engine import importer
    except ImportError:
        sys.path.insert(0, native)
        package = types.ModuleType("rebeam")  # the tests' `_rebeam` has too little for the real one
        package.__path__ = [PACKAGE]
        sys.modules["rebeam"] = package
        import _rebeam
        from rebeam._engine import importer
    importer.install([root])
    return _rebeam


def run_tests(name: str) -> Outcomes:
    module = __import__(f"test.{name}", fromlist=["*"])
    from test import support

    support.use_resources = []
    support.verbose = False
    result = Outcomes()
    unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
    return result


def child(mode: str, name: str, native: str, report: str) -> None:
    """Runs one module's tests and writes what came of them to the file `report`."""
    import importlib.util

    runtime = None
    if mode == "twin":
        spec = importlib.util.find_spec("test")
        assert spec is not None and spec.origin is not None
        runtime = load_runtime(native, os.path.dirname(spec.origin))
        use_twins(runtime.suspend_run)
    result = run_tests(name)
    suspensions = runtime.suspend_count() if runtime else 0
    with open(report, "w", encoding="utf-8") as file:
        json.dump([result.outcomes, result.details, suspensions], file)


# ---- all of them ---------------------------------------------------------------------------------


class Report:
    """The outcomes of one module in one mode."""

    def __init__(self, outcomes: dict[str, str], details: dict[str, str], suspensions: int) -> None:
        self.outcomes = outcomes
        self.details = details
        self.suspensions = suspensions


def run_child(mode: str, name: str, options: argparse.Namespace) -> Report:
    """Runs a module in a process of its own; one that ends badly is a test that fails."""
    environment = dict(os.environ, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
    environment.pop("REBEAM_SUSPEND", None)
    python = [sys.executable]
    if mode == "twin":
        environment["REBEAM_SUSPEND"] = "all"
        python = shlex.split(options.launcher) if options.launcher else python
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report")
        command = [*python, os.path.join(HERE, "run.py"), "--native", options.native]
        command += ["--child", mode, name, report]
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                timeout=SECONDS,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
            )
            how, output = f"status {ended.returncode}", ended.stdout + ended.stderr
        except subprocess.TimeoutExpired as error:
            how, output = "time is up", repr(error)
        try:
            with open(report, encoding="utf-8") as file:
                outcomes, details, suspensions = json.load(file)
        except (OSError, ValueError):
            return Report({f"test.{name}": how}, {f"test.{name}": output[-4000:]}, 0)
    return Report(outcomes, details, suspensions)


def known_differences(modules: list[str]) -> set[str]:
    """The tests of `modules` that differs.txt lists for this Python: `test | versions | reason`."""
    known = set()
    with open(os.path.join(HERE, "differs.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                test, versions, _reason = (part.strip() for part in line.split("|", 2))
                if VERSION in versions.split() and test.split(".")[1] in modules:
                    known.add(test)
    return known


def compare(name: str, options: argparse.Namespace) -> tuple[set[str], set[str], int]:
    """The tests that differ, all tests, and how many suspensions there were."""
    plain = run_child("plain", name, options)
    twin = run_child("twin", name, options)
    names = set(plain.outcomes) | set(twin.outcomes)
    for report in (plain, twin):
        if f"test.{name}" in report.outcomes:  # ended badly: one difference, not one a test
            names = set(report.outcomes)
    differ = {each for each in names if plain.outcomes.get(each) != twin.outcomes.get(each)}
    print(f"{name}: {len(names)} tests, {twin.suspensions} suspensions", flush=True)
    for each in sorted(differ):
        print(f"  {each}: {plain.outcomes.get(each)} -> {twin.outcomes.get(each)}")
        if options.verbose:
            print(twin.details.get(each) or plain.details.get(each, ""))
    if twin.suspensions == 0:
        differ.add(f"test.{name}.nothing_suspended")
    return differ, names, twin.suspensions


def run_all(options: argparse.Namespace) -> int:
    modules = options.modules or MODULES
    known = known_differences(modules)
    found: set[str] = set()
    tests: set[str] = set()
    suspensions = 0
    for name in modules:
        differ, names, stopped = compare(name, options)
        found |= differ
        tests |= names
        suspensions += stopped
    gone = (known - found) & tests
    for each in sorted(found - known):
        print(f"unexpected difference: {each}")
    for each in sorted(gone):
        print(f"difference is gone, take it from differs.txt: {each}")
    print(f"Python {sys.version.split()[0]}, {suspensions} suspensions")
    print(f"{len(modules)} modules, {len(tests)} tests, {len(found)} differ")
    return 1 if found - known or gone else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--native", default=NATIVE, metavar="FOLDER")
    parser.add_argument("--launcher", metavar="COMMAND")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("-v", "--verbose", action="store_true", help="show why tests differ")
    parser.add_argument("modules", nargs="*")
    options = parser.parse_args()
    options.native = os.path.abspath(options.native)
    if options.child:
        child(options.child[0], options.child[1], options.native, options.child[2])
    else:
        sys.exit(run_all(options))


if __name__ == "__main__":
    main()
