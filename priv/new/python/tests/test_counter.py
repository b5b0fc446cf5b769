"""Run them with: rebeam -m unittest"""

import unittest

from counter import Counter

from rebeam import Status, Supervisor, call, child, whereis
from rebeam.testing import end_supervised, start_supervised, wait_until


class CounterTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(end_supervised)

    def test_it_adds(self):
        counter = start_supervised(Counter(40))
        self.assertEqual(call(counter, "add", 2), (Status.OK, 42))

    def test_it_is_started_again(self):
        start_supervised(Supervisor([child(Counter(7), name="counter")]))
        before = whereis("counter")
        status, reason = call("counter", "fail")
        self.assertEqual(status, Status.DOWN)
        self.assertIn("asked to fail", reason)
        wait_until(lambda: whereis("counter") not in (None, before))
        self.assertEqual(call("counter", "add", 0), (Status.OK, 7))


if __name__ == "__main__":
    unittest.main()
