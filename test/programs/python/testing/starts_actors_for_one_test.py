import shop
from shop import Counter

from rebeam import Status, call, whereis
from rebeam.testing import start_supervised, stop_supervised


def test_call(counter):
    assert call("counter", "add", 5) == (Status.OK, 15)


def test_fresh(counter):
    assert shop.ended == [15]
    assert call(counter, "add", 5) == ("ok", 15)


def test_gone():
    assert whereis("counter") is None


def test_order(counter):
    shop.ended.clear()
    for first in (1, 2, 3):
        start_supervised(Counter(first))


def test_ended():
    assert shop.ended == [3, 2, 1, 10]


def test_stop(counter):
    shop.ended.clear()
    assert stop_supervised(counter) and shop.ended == [10]
    assert not counter.alive() and not stop_supervised(counter)


def test_wide(both):
    assert [call(pid, "add", 1)[1] for pid in both] == [2, 3]


def test_wide_again(both):
    assert [call(pid, "add", 1)[1] for pid in both] == [3, 4]
