import pytest
import shop
from shop import Counter

from rebeam import GenPy, Supervisor, call, child, sleep, start, whereis
from rebeam.testing import start_supervised, stop_supervised, supervised, wait_until


def test_one():
    with supervised(Counter(1)) as pid:
        assert call(pid, "add", 1)[1] == 2
    assert not pid.alive() and shop.ended == [2]


def test_several():
    shop.ended.clear()
    with pytest.raises(KeyError):
        with supervised(Counter(1), child(Counter(2), name="two", restart="temporary")) as pids:
            assert pids[1] == whereis("two")
            raise KeyError(1)
    assert shop.ended == [2, 1] and whereis("two") is None


def test_one_does_not_start():
    shop.ended.clear()

    class Bad(GenPy):
        @start()
        def boot(self):
            raise OSError("no disk")

    with pytest.raises(RuntimeError, match="OSError: no disk"):
        with supervised(Counter(7), Bad()):
            pass
    assert shop.ended == [7]


def test_tree(start_supervised):
    tree = start_supervised(Supervisor([child(Counter(3), name="three")]))
    old = whereis("three")
    call("three", "add", -1)
    new = wait_until(lambda: (pid := whereis("three")) != old and pid)
    assert call(new, "add", 1)[1] == 4
    assert stop_supervised(tree)
    assert whereis("three") is None and not tree.alive()


def test_function():
    pid = start_supervised(lambda: sleep(30))
    assert pid.alive() and stop_supervised(pid) and not pid.alive()


def test_restarts_are_refused():
    with pytest.raises(ValueError, match="start Supervisor"):
        start_supervised(child(Counter()))
