"""Tests as users write them."""

from __future__ import annotations

from collections.abc import Callable

from actors import Counter, Order, Shop

from rebeam import ProcessID, Status, Supervisor, call, cast, child, response_error, response_ok
from rebeam.testing import (
    Probe,
    Received,
    end_supervised,
    start_supervised,
    stop_supervised,
    supervised,
    wait_until,
)


def test_plain() -> None:
    assert Counter(1).add(2, None) == response_ok(3)


def test_call() -> None:
    pid: ProcessID = start_supervised(Counter(), name="counter")
    assert call(pid, "add", 1) == (Status.OK, 1)
    assert call(pid, "add", 1) == ("ok", 2)
    gone: bool = stop_supervised(pid)
    assert gone and wait_until(lambda: not pid.alive(), timeout=1.0)
    start_supervised(child(Shop, restart="temporary"))
    end_supervised()


def test_supervised() -> None:
    with supervised(Shop()) as shop:
        assert shop.alive()
    with supervised(Shop, Supervisor([Counter()])) as pids:
        assert all(pid.alive() for pid in pids)


def test_messages(probe: Probe) -> None:
    stock = Probe("stock", answers={"take": 3, "lose": response_error("lost")})
    cast(stock.pid, "take", Order("tea", 1), sender_pid=probe.pid)
    got: Received = probe.expect("take", timeout=1.0)
    subject: str | None = got.subject
    assert got.status == "ok" and got.message == 3 and subject and got.source is None
    assert stock.expect_any().message == Order("tea", 1)
    probe.expect_nothing()
    found: list[Received] = probe.received()
    assert not found


def test_fixture(start_supervised: Callable[..., ProcessID]) -> None:
    assert start_supervised(Shop()).alive()
