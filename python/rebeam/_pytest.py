"""What pytest does for `rebeam.testing`: it ends what tests started, and has the fixtures.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from rebeam import testing
from rebeam._engine import outside
from rebeam._native import ProcessID
from rebeam._runtime import flush_log

# Innermost, so that what is logged meanwhile is captured as the test's.


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        _flush()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """After the fixtures, which may still need the test's actors."""
    try:
        return (yield)
    finally:
        testing.end_supervised()
        _flush()


def _flush() -> None:
    if outside.INSIDE:
        flush_log()


@pytest.fixture(name="start_supervised")
def _start_supervised() -> Callable[..., ProcessID]:
    """`rebeam.testing.start_supervised`: starts an actor that ends with the test."""
    return testing.start_supervised


@pytest.fixture
def probe() -> testing.Probe:
    """A `rebeam.testing.Probe`: an actor that records the messages that it gets."""
    return testing.Probe()
