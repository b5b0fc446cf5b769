"""Runs the same source plainly and through twins, and tells what came of it.

The tests need `_rebeam` as test/c_src/suspend/build.sh builds it, on the path or in build/suspend.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import os
import sys
import traceback
import types
import unittest
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
NATIVE = os.environ.get("REBEAM_TEST_NATIVE") or os.path.join(ROOT, "build", "suspend")
sys.path.append(NATIVE)

import _rebeam  # noqa: E402

ALL = os.environ.get("REBEAM_SUSPEND") == "all"
_numbers = itertools.count(1)


class Outcome(NamedTuple):
    """What main() of a source did."""

    result: Any
    error: str  # the traceback's text; empty if it returned
    log: list[Any]  # what it appended to `log`


class Planned(Exception):
    """What a call fails with because the test said so."""


class Answers:
    """Answers the primitive `call` of the tests: twice the argument; an exception is raised."""

    def __init__(self) -> None:
        self.plan(0)

    def plan(self, fail_at: int) -> None:
        """From now on count calls; the one of that number fails."""
        self.fail_at = fail_at
        self.given = 0

    def __call__(self, value: Any) -> Any:
        self.given += 1
        if self.given == self.fail_at:
            return Planned(value)
        return value if isinstance(value, BaseException) else value * 2


answer = Answers()
_rebeam.set_answer(answer)


def load(source: str, twins: bool = True, **given: Any) -> dict[str, Any]:
    """The namespace of a module that consists of `source`."""
    name = f"<test {next(_numbers)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    code = compile(source, name, "exec", dont_inherit=True)
    if twins:
        code = _rebeam.suspend_pair(code, rewrite(source, name))
    namespace = {"__name__": "tested", "call": _rebeam.call, "log": [], **given}
    exec(code, namespace)
    return namespace


def rewrite(source: str, name: str) -> types.CodeType:
    tree = ast.parse(source)
    names, unknown = _rebeam.suspend_names([_rebeam.suspend_scan(tree)])
    _rebeam.suspend_rewrite(tree, names, unknown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(tree, name, "exec", dont_inherit=True)


def drive(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> tuple[Any, int]:
    """The result of a function called through its twin, and how often it was suspended."""
    outcome, run, value = _rebeam.start(function, *args, **kwargs)
    suspended = 0
    while outcome == "pending":
        suspended += 1
        reply = answer(*_rebeam.request(value))
        if isinstance(reply, BaseException):
            _rebeam.fail(value, reply)
        else:
            _rebeam.finish(value, reply)
        outcome, value = _rebeam.step(run)
    return value, suspended


def outcome_of(namespace: dict[str, Any], run: Callable[..., Any]) -> Outcome:
    """Runs main() by `run`, and cuts the frames of the tests from a traceback."""
    try:
        result, error = run(namespace["main"]), ""
    except BaseException as failure:
        trace = failure.__traceback__
        while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<test"):
            trace = trace.tb_next
        result, error = None, "".join(traceback.format_exception(type(failure), failure, trace))
    return Outcome(result, error, namespace["log"])


def number_free(text: str) -> str:
    """Without the source's number, which differs between the two runs."""
    head, *rest = text.split("<test ")
    return head + "".join("<test" + part[part.index(">") :] for part in rest)


class TwinTestCase(unittest.TestCase):
    """Tests that a source does the same plainly and through twins."""

    def check(
        self, source: str, suspended: int | None = None, fail_at: int = 0, **given: Any
    ) -> Outcome:
        """Both outcomes must be equal; through twins there must be `suspended` suspensions, or
        at least one if that is None. The call of number `fail_at` fails."""
        answer.plan(fail_at)
        plain = outcome_of(load(source, twins=False, **given), lambda main: main())
        answer.plan(fail_at)
        before = _rebeam.suspend_count()
        twin = outcome_of(load(source, **given), lambda main: drive(main)[0])
        stops = _rebeam.suspend_count() - before
        answer.plan(0)
        self.assertEqual(number_free(plain.error), number_free(twin.error))
        self.assertEqual(plain.result, twin.result)
        self.assertEqual(plain.log, twin.log)
        if suspended is None:
            self.assertGreater(stops, 0)
        elif not ALL:
            self.assertEqual(stops, suspended)
        return twin
