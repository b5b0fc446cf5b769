from shop import Counter

from rebeam import GenPy, Status, call, cast, receive, sleep
from rebeam._runtime import rebeam_info
from rebeam.testing import start_supervised, wait_until


class Local(GenPy):
    @receive("slow")
    def slow(self):
        sleep(0.2)
        return call("counter", "add", 1)


def test_suspended():
    for number in range(50):
        cast(start_supervised(Counter()), "slow")
    wait_until(lambda: rebeam_info()["suspended"] == 50)
    assert rebeam_info()["blocked"] <= 1


def test_local(counter):
    assert call(start_supervised(Local()), "slow") == ("ok", (Status.OK, 11))
