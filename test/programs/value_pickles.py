"""What CPython's own tests pickle, to an actor in another OS process and back.

The value is packed here, unpacked and packed there, and unpacked here.
"""

import os
import sys
import unittest

sys.path.insert(0, os.environ["REBEAM_VALUE_TESTS"])

import _rebeam

try:
    import test_pickletester
except unittest.SkipTest as error:
    print("left out:", error)
    sys.exit()

from rebeam import GenPy, call, child, receive, response_error, run_register_process


class Far(GenPy):
    name = "far"

    @receive("pid")
    def pid(self):
        return os.getpid()

    @receive("again")
    def again(self, message):
        try:
            return _rebeam.unpack(message)
        except Exception as error:
            return response_error(repr(error))


# They define, or change, a class while they run, in this OS process alone.
OF_THIS_PROCESS = {
    "test_c_methods", "test_dynamic_class", "test_nested_names", "test_newobj_not_class",
    "test_py_methods", "test_recursive_nested_names", "test_recursive_nested_names2",
}  # fmt: skip


class Crossing(test_pickletester.Pickled):
    def setUp(self):
        if self._testMethodName in OF_THIS_PROCESS:
            self.skipTest("the class is not in the other process")
        super().setUp()

    def dumps(self, value, protocol=None, **options):
        return super().dumps(value, protocol)

    def loads(self, packed, **options):
        status, value = call("far", "again", packed, timeout=60)
        if not status:
            raise AssertionError(value)
        return value


if __name__ == "__main__":
    run_register_process(child(Far, isolation="process"))
    print("apart", call("far", "pid")[1] != os.getpid())
    unittest.main()
