import pytest

from rebeam import GenPy, Status, call, cast, receive, response_error, send
from rebeam.testing import Probe, Received, start_supervised, stop_supervised, wait_until


def test_in_place_of_others(counter):
    prices, audit = Probe("prices", answers={"price": 3}), Probe("audit")
    assert call("counter", "buy", "tea") == ("ok", 30)
    assert prices.expect("price").message == "tea"
    asked = audit.expect("bought", timeout=1)
    assert (asked.message, asked.subject) == (("tea", 3), "bought")
    audit.expect_nothing()


def test_error(counter):
    Probe("prices", answers={"price": response_error("none")})
    assert call("counter", "buy", "tea") == ("error", "none")


def test_response_of_a_cast(counter, probe):
    cast(counter, "add", 1, sender_pid=probe.pid)
    assert probe.expect_any() == Received("add", 11, counter, Status.OK)


def test_plain_message(probe):
    assert send(probe.pid, ("tick", 1))
    assert probe.expect_info().message == ("tick", 1)


def test_source(probe):
    class Sender(GenPy):
        @receive("go")
        def go(self):
            call(probe.pid, "hello", 1)

    sender = start_supervised(Sender())
    call(sender, "go")
    assert probe.expect("hello") == ("hello", 1, sender, None)


def test_order_and_rest(probe):
    for number in range(4):
        cast(probe.pid, "odd" if number % 2 else "even", number)
    assert probe.expect("odd").message == 1
    assert [each.message for each in probe.received()] == [0, 2, 3]


def test_what_came_instead(probe):
    cast(probe.pid, "other", 7)
    with pytest.raises(AssertionError) as caught:
        probe.expect("add", timeout=0.1)
    assert str(caught.value) == "no 'add' within 0.1 s; the probe got 'other' (7)"
    with pytest.raises(AssertionError, match=r"the probe got 'other' \(7\)"):
        probe.expect_nothing()


def test_nothing(probe):
    with pytest.raises(AssertionError, match="no message within 0.05 s; the probe got nothing"):
        probe.expect_any(timeout=0.05)
    stop_supervised(probe.pid)
    with pytest.raises(RuntimeError, match="the probe has ended"):
        probe.expect_any()


def test_condition():
    assert wait_until(lambda: [1]) == [1]
    with pytest.raises(AssertionError, match=r"still \[\] after 0.05 s"):
        wait_until(list, timeout=0.05)
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 / 0)
