"""What CPython's own tests pickle, sent: the same comes out."""

from __future__ import annotations

import pickle
import sys
import unittest
from typing import Any

import _rebeam

try:
    from test import pickletester
except ImportError as error:  # Debian has it in a package of its own
    raise unittest.SkipTest("this Python comes without its tests") from error

# Tests of what a pickle's bytes look like, of protocols, and of pickle's own errors.
OF_PICKLES = {
    "test_appends_on_non_lists", "test_bad_getattr", "test_bad_proto", "test_buffer_callback_error",
    "test_buffers_error", "test_buffers_numpy", "test_builtin_exceptions", "test_bytearray",
    "test_bytearray_memoization", "test_bytes_memoization", "test_compat_pickle",
    "test_complex_newobj", "test_complex_newobj_ex",
    "test_concurrent_mutation_in_buffer_with_bytearray",
    "test_concurrent_mutation_in_buffer_with_memoryview", "test_dict_chunking",
    "test_empty_picklebuffer_memoization",
    "test_evil_class_mutating_dict", "test_evil_pickler_mutating_collection",
    "test_float_format", "test_framed_write_sizes_with_delayed_writer",
    "test_framing_large_objects", "test_framing_many_objects", "test_global_ext1",
    "test_global_ext2", "test_global_ext4", "test_in_band_buffers",
    "test_int_pickling_efficiency", "test_list_chunking", "test_long1", "test_long4",
    "test_oob_buffers", "test_oob_buffers_writable_to_readonly", "test_optional_frames",
    "test_pickle_setstate_None",
    "test_pickle_to_2x", "test_picklebuffer_error", "test_picklebuffer_memoization", "test_proto", "test_reduce_ex_called",
    "test_reduce_ex_calls_base", "test_reduce_ex_overrides_reduce", "test_set_chunking",
    "test_setitems_on_non_dicts", "test_short_tuples", "test_simple_newobj",
    "test_singletons",
}  # fmt: skip


class Pickled(pickletester.AbstractPickleTests, unittest.TestCase):
    py_version = sys.version_info

    def setUp(self) -> None:
        if self._testMethodName in OF_PICKLES:
            self.skipTest("about the bytes of pickles")
        super().setUp()

    def dumps(self, value: Any, protocol: Any = None, **options: Any) -> Any:
        if protocol in (0, 1):
            pickle.dumps(value, protocol)  # what these cannot pickle is asked for, too
        return _rebeam.packed(value, None) if options else _rebeam.pack(value, None)

    def loads(self, packed: Any, **options: Any) -> Any:
        return _rebeam.unpack(packed)


if __name__ == "__main__":
    unittest.main()
