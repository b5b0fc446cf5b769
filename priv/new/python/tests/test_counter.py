"""Run them with: rebeam -m unittest"""

import unittest

from counter import Counter

from rebeam import CallDown, Supervisor, ask, child, whereis
from rebeam.testing import end_supervised, start_supervised, wait_until


class CounterTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(end_supervised)

    def test_it_adds(self):
        counter = start_supervised(Counter(40))
        self.assertEqual(ask(counter, "add", 2), 42)

    def test_it_is_started_again(self):
        start_supervised(Supervisor([child(Counter(7), name="counter")]))
        before = whereis("counter")
        with self.assertRaisesRegex(CallDown, "asked to fail"):
            ask("counter", "fail")
        wait_until(lambda: whereis("counter") not in (None, before))
        self.assertEqual(ask("counter", "add", 0), 7)


if __name__ == "__main__":
    unittest.main()
