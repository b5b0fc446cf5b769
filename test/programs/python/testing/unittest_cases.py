import unittest

from rebeam import GenPy, call, cast, receive
from rebeam.testing import Probe, end_supervised, start_supervised


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return message


class EchoTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(end_supervised)
        self.pid = start_supervised(Echo(), "echo")

    def test_first(self):
        self.assertEqual(call("echo", "echo", 1), ("ok", 1))

    def test_second(self):
        probe = Probe()
        cast("echo", "echo", 2, sender_pid=probe.pid)
        self.assertEqual(probe.expect("echo").message, 2)


if __name__ == "__main__":
    unittest.main()
