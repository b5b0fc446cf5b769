"""What the project takes for granted of CPython though nothing promises it. A test that fails here
says what a new version changed, which file leans on it, and what to do."""

from __future__ import annotations

import _imp
import _posixsubprocess
import asyncio
import atexit
import builtins
import contextlib
import ctypes
import importlib.machinery
import multiprocessing.spawn
import opcode
import os
import re
import runpy
import signal
import subprocess
import sys
import threading
import types
import unittest
from collections.abc import Iterator
from typing import Any
from unittest import mock

from rebeam import testing

VERSION = sys.version_info[:2]


def text(what: str, file: str, remedy: str) -> str:
    return f"no longer so: {what}\nleaned on by {file}\n{remedy}"


class Imports(unittest.TestCase):
    # Replaced only once two scripts' folders have a module of the same name; what imports by
    # importlib.import_module gets the first script's without it, too.
    def test_an_import_statement_calls_import_with_the_importer(self) -> None:
        seen: list[tuple[Any, ...]] = []
        plain = builtins.__import__

        def record(*args: Any) -> Any:
            seen.append(args)
            return plain(*args)

        namespace = {"__name__": "assumed", "__file__": "/assumed.py"}
        with mock.patch.object(builtins, "__import__", record):
            exec("from json import loads", namespace)
        why = text(
            "an import statement calls builtins.__import__(name, globals, locals, names, level)",
            "python/rebeam/_engine/scripts.py (_Folders._import)",
            "Without it two scripts of one VM share modules of the same name.",
        )
        mine = [each for each in seen if each[1] is namespace]
        self.assertEqual(
            [(each[0], each[3], each[4]) for each in mine], [("json", ("loads",), 0)], why
        )
        self.assertEqual(mine[0][1]["__file__"], "/assumed.py", why)

    def test_importlib_is_cut_out_of_tracebacks_by_its_file_name(self) -> None:
        code = importlib.machinery.SourceFileLoader.get_code.__code__
        self.assertEqual(
            code.co_filename,
            "<frozen importlib._bootstrap_external>",
            text(
                "code of importlib has the name of frozen code",
                "python/rebeam/_engine/importer.py, _program/interpreter.py",
                "Without it tracebacks of failed imports show frames of Re:BEAM.",
            ),
        )

    def test_the_finder_of_folders_is_on_the_meta_path(self) -> None:
        self.assertIn(importlib.machinery.PathFinder, sys.meta_path)
        self.assertTrue(
            hasattr(types.ModuleType("assumed"), "__spec__") and hasattr(_imp, "_fix_co_filename"),
            text(
                "_imp._fix_co_filename names the file of cached code",
                "python/rebeam/_engine/importer.py (_cache_read)",
                "Without it: code.replace(co_filename=...), of all code within as well.",
            ),
        )

    def test_a_module_that_is_being_imported_says_so(self) -> None:
        self.assertIs(
            getattr(threading.__spec__, "_initializing", None),
            False,
            text(
                "a module's __spec__ has _initializing",
                "c_src/run/trace.c (namespace_of_threading)",
                "Way on, built in: without it any imported module counts as complete.",
            ),
        )


class Threads(unittest.TestCase):
    def test_threading_keeps_the_hook_for_new_threads(self) -> None:
        def hook(*args: Any) -> None:
            return None

        before = threading.gettrace()
        threading.settrace(hook)
        try:
            self.assertIs(
                vars(threading).get("_trace_hook"),
                hook,
                text(
                    "threading.settrace keeps the hook in _trace_hook",
                    "c_src/run/trace.c (trace_follow)",
                    "Without it debuggers and coverage see nothing of actors; "
                    "threading.gettrace() tells the same, more slowly.",
                ),
            )
        finally:
            threading.settrace(before)  # type: ignore[arg-type]

    def test_the_end_of_a_program_can_be_asked_for(self) -> None:
        for module, name in ((threading, "_shutdown"), (atexit, "_run_exitfuncs")):
            self.assertTrue(
                callable(getattr(module, name, None)),
                text(
                    f"{module.__name__}.{name}() does that part of the end",
                    "python/rebeam/_program/finish.py (run)",
                    "No way on: nothing else runs atexit's functions without Py_Finalize.",
                ),
            )

    @unittest.skipIf(VERSION >= (3, 12), "only CPython 3.11 has that race")
    def test_a_thread_has_its_id_once_it_has_begun(self) -> None:
        thread = threading.Thread(target=lambda: None)
        self.assertIsNone(vars(thread)["_ident"], text("_ident", "c_src/actor/raise.c", ""))
        thread.start()
        self.assertEqual(vars(thread)["_ident"], thread.ident)
        thread.join()

    def test_threads_but_the_main_one_refuse_signals(self) -> None:
        def open_ones() -> int:
            return sum(not mask >> signal.SIGTERM - 1 & 1 for _, mask in _masks())

        # A thread of Python's own that was joined is there for a moment longer.
        with contextlib.suppress(AssertionError):
            testing.wait_until(lambda: open_ones() == 1, 20)
        self.assertEqual(
            open_ones(),
            1,
            text(
                "the kernel's mask is what uc_sigmask begins with",
                "c_src/run/signals.c (block_on_return)",
                "No way on: signals would interrupt system calls of the VM's threads.",
            ),
        )


def _masks() -> Iterator[tuple[str, int]]:
    """Of each thread, which signals it blocks."""
    for task in os.listdir("/proc/self/task"):
        with contextlib.suppress(OSError), open(f"/proc/self/task/{task}/status") as status:
            found = re.search("^SigBlk:\t(.*)$", status.read(), re.MULTILINE)
            if found:
                yield task, int(found[1], 16)


class Children(unittest.TestCase):
    def test_subprocess_calls_fork_exec_by_its_own_name(self) -> None:
        self.assertIs(
            getattr(subprocess, "_fork_exec", None),
            _posixsubprocess.fork_exec,
            text(
                "subprocess keeps _posixsubprocess.fork_exec as _fork_exec",
                "python/rebeam/_program/boot.py (_open_children)",
                "Without it children of actors begin with all signals blocked.",
            ),
        )
        mask = subprocess.check_output(["grep", "^SigBlk", "/proc/self/status"], text=True)
        self.assertEqual(int(mask.split()[1], 16), 0, "a child begins with signals blocked")

    def test_multiprocessing_asks_for_the_data_by_the_modules_name(self) -> None:
        data = multiprocessing.spawn.get_preparation_data("assumed")
        why = text(
            "multiprocessing.spawn.get_preparation_data(name) has sys_path",
            "python/rebeam/_engine/process_starts.py",
            "Without it children of spawn do not find `rebeam`: PYTHONPATH would do.",
        )
        self.assertIsInstance(data.get("sys_path"), list, why)
        from multiprocessing import popen_spawn_posix

        names = popen_spawn_posix.Popen._launch.__code__.co_names  # type: ignore[attr-defined]
        self.assertIn("get_preparation_data", names, why)
        self.assertIs(popen_spawn_posix.spawn, multiprocessing.spawn, why)  # type: ignore[attr-defined]

    def test_a_module_can_be_run_as_the_main_one(self) -> None:
        self.assertTrue(
            callable(getattr(runpy, "_run_module_as_main", None)),
            text(
                "runpy._run_module_as_main(name) runs in __main__ itself",
                "python/rebeam/_program/boot.py",
                "Way on: runpy.run_module(name, run_name='__main__', alter_sys=True), "
                "whose __main__ is not there any more afterwards.",
            ),
        )


class Asyncio(unittest.TestCase):
    def test_which_task_runs_is_known_without_a_line_of_python(self) -> None:
        why = text(
            "current_task is C's from 3.12 on, and before reads _current_tasks",
            "python/rebeam/_engine/event_loop.py (place_of), c_src/actor/context.c",
            "No way on: a line of Python would let the loop go on before the exception is set.",
        )

        async def both() -> tuple[Any, Any]:
            loop = asyncio.get_running_loop()
            current: Any = asyncio.current_task
            if isinstance(current, types.FunctionType):
                current = vars(asyncio.tasks)["_current_tasks"].get
            self.assertIsInstance(current, types.BuiltinFunctionType, why)
            return current(loop), asyncio.current_task()

        found, task = asyncio.run(both())
        self.assertIsNotNone(task)
        self.assertIs(found, task, why)

    def test_the_running_loop_is_told_without_raising(self) -> None:
        self.assertIsNone(
            asyncio.events._get_running_loop(),
            text(
                "asyncio.events._get_running_loop() is None where none runs",
                "c_src/suspend/runtime/bridge.c (get_running)",
                "Way on: asyncio.get_running_loop(), which raises RuntimeError.",
            ),
        )


class Code(unittest.TestCase):
    @unittest.skipIf(VERSION != (3, 11), "later versions have no code of comprehensions")
    def test_bytecode_of_3_11_is_what_the_walker_writes(self) -> None:
        written = {
            "CACHE": 0, "POP_TOP": 1, "PUSH_NULL": 2, "PUSH_EXC_INFO": 35, "CHECK_EXC_MATCH": 36,
            "RETURN_VALUE": 83, "POP_EXCEPT": 89, "SWAP": 99, "LOAD_CONST": 100,
            "POP_JUMP_FORWARD_IF_FALSE": 114, "RERAISE": 119, "PRECALL": 166, "CALL": 171,
        }  # fmt: skip
        found = {name: opcode.opmap.get(name) for name in written}
        why = text("opcodes", "c_src/suspend/walker/comprehension.c", "Correct its enum.")
        self.assertEqual(found, written, why)

    @unittest.skipIf(VERSION < (3, 12), "3.11 has code of comprehensions, and that is guarded")
    def test_comprehensions_are_compiled_into_their_function(self) -> None:
        code = compile("def f(x):\n    return [y for y in x]", "", "exec").co_consts[0]
        inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
        why = text(
            "a comprehension has no code object of its own",
            "c_src/suspend/walker/comprehension.c (suspend_comprehension_is_code)",
            "Its StopIteration becomes a RuntimeError without a guard.",
        )
        self.assertEqual(inner, [], why)

    def test_functions_outside_the_limited_api_are_there(self) -> None:
        older = ("_PyEval_RequestCodeExtraIndex", "_PyCode_GetExtra", "_PyCode_SetExtra")
        newer = (
            "PyUnstable_Eval_RequestCodeExtraIndex",
            "PyUnstable_Code_GetExtra",
            "PyUnstable_Code_SetExtra",
        )
        names = older if VERSION < (3, 12) else newer
        for name in names:
            self.assertTrue(
                hasattr(ctypes.pythonapi, name),
                text(
                    f"libpython has {name}",
                    "c_src/base/python.c (python_extra_load)",
                    "No way on: a twin is kept in its function's code object.",
                ),
            )

    def test_the_layout_of_an_interpreters_settings_is_known(self) -> None:
        why = text(
            "PyInterpreterConfig has seven ints, with gil as the last, OWN_GIL being 2",
            "c_src/base/python.h (python_interpreter_config)",
            "See cpython/pylifecycle.h. Without it: refuse isolation='interpreter' there.",
        )
        self.assertEqual(
            hasattr(ctypes.pythonapi, "Py_NewInterpreterFromConfig"), VERSION >= (3, 12), why
        )
        self.assertLess(VERSION, (3, 15), why)
        if VERSION >= (3, 13):
            import _interpreters  # type: ignore[import-not-found]

            fields = [
                "use_main_obmalloc",
                "allow_fork",
                "allow_exec",
                "allow_threads",
                "allow_daemon_threads",
                "check_multi_interp_extensions",
                "gil",
            ]
            self.assertEqual(
                sorted(vars(_interpreters.new_config("isolated"))), sorted(fields), why
            )


if __name__ == "__main__":
    unittest.main()
