from rebeam import GenPy, call, start
from rebeam.testing import start_supervised, wait_until


def test_values(counter):
    status, total = call(counter, "add", 1)
    assert total == 12


def test_crash(counter):
    status, answer = call(counter, "add", -1)
    assert status == "down" and "ValueError: negative" in answer
    assert not wait_until(lambda: not counter.alive())


def test_probe(probe):
    probe.expect("add", timeout=0.01)


def test_start():
    class Bad(GenPy):
        @start()
        def boot(self):
            raise OSError("no disk")

    start_supervised(Bad())


def test_good(counter):
    assert call(counter, "add", 1)[0]
