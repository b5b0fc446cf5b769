"""Runs: starting, stepping, failing, dropping; depth and leaks."""

from __future__ import annotations

import gc
import os
import resource
import sys
import threading
import weakref

import twins
from twins import _rebeam

SANITIZED = "asan" in os.environ.get("LD_PRELOAD", "")


class Steps(twins.unittest.TestCase):
    def test_done_at_once(self) -> None:
        for function in (lambda: 5, int, [].copy):
            outcome, run, value = _rebeam.start(function)
            self.assertEqual((outcome, run), ("done", None))
            self.assertEqual(value, function())

    def test_primitive_itself(self) -> None:
        outcome, run, suspension = _rebeam.start(_rebeam.call, 3)
        self.assertEqual((outcome, _rebeam.request(suspension)), ("pending", (3,)))
        _rebeam.finish(suspension, "x")
        self.assertEqual(_rebeam.step(run), ("done", "x"))

    def test_raised(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            _rebeam.start(lambda: 1 / 0)
        with self.assertRaises(StopIteration):
            _rebeam.start(next, iter(()))

    def test_failure_is_raised_at_the_call(self) -> None:
        ns = twins.load(
            """
def main():
    try:
        return call(1)
    except KeyError as e:
        return "caught", e.args, call(2)
    finally:
        log.append("finally")
"""
        )
        _, run, suspension = _rebeam.start(ns["main"])
        _rebeam.fail(suspension, KeyError("planned"))
        outcome, suspension = _rebeam.step(run)
        self.assertEqual(outcome, "pending")
        _rebeam.finish(suspension, 7)
        self.assertEqual(_rebeam.step(run), ("done", ("caught", ("planned",), 7)))
        self.assertEqual(ns["log"], ["finally"])

    def test_not_swallowed_by_handlers(self) -> None:
        ns = twins.load(
            """
def main():
    try:
        try: a = call(1)
        except: log.append("bare")
    except BaseException: log.append("base")
    return a
"""
        )
        self.assertEqual(twins.drive(ns["main"]), (2, 1))
        self.assertEqual(ns["log"], [])

    def test_waits_on_its_thread(self) -> None:
        ns = twins.load(
            "def main(x, *, y):\n    try: call(KeyError(1))\n"
            "    except KeyError: return call(x) + y"
        )
        self.assertEqual(_rebeam.suspend_run(ns["main"], 4, y=1), 9)
        self.assertEqual(ns["main"](4, y=1), 9)

    def test_finished_before_awaited(self) -> None:
        ns = twins.load("def main(): return [call(i) for i in range(3)]")
        runs = [_rebeam.start(ns["main"]) for _ in range(3)]
        for _, run, suspension in runs:
            while suspension is not None:
                _rebeam.finish(suspension, 1)
                outcome, value = _rebeam.step(run)
                suspension = value if outcome == "pending" else None
            self.assertEqual(value, [1, 1, 1])

    def test_resumed_on_another_thread(self) -> None:
        ns = twins.load("def main(): return call(1) + 1")
        _, run, suspension = _rebeam.start(ns["main"])
        got = []

        def go_on() -> None:
            _rebeam.finish(suspension, 5)
            got.append(_rebeam.step(run))

        thread = threading.Thread(target=go_on)
        thread.start()
        thread.join()
        self.assertEqual(got, [("done", 6)])


class Dropping(twins.unittest.TestCase):
    SOURCE = """
def inner(x):
    with held:
        return call(x)
def main():
    f = lambda: inner(1)
    try:
        return [f() for _ in range(2)]
    except BaseException as e:
        log.append(type(e).__name__)
        raise
    finally:
        log.append("main")
"""

    @twins.unittest.skipIf(twins.ALL, "what is closed may not be suspended again")
    def test_finally_blocks_run(self) -> None:
        log: list[str] = []

        class Held:
            def __enter__(self) -> None: ...

            def __exit__(self, *error: object) -> None:
                log.append("held")

        ns = twins.load(self.SOURCE, held=Held(), log=log)
        started = _rebeam.start(ns["main"])
        self.assertEqual(log, [])
        del started
        self.assertEqual(log, ["held", "GeneratorExit", "main"])

    def test_nothing_is_left(self) -> None:
        class Thing: ...

        ns = twins.load("def inner(t): return call(1), t\ndef main(t): return inner(t)")
        thing = Thing()
        seen = weakref.ref(thing)
        started = _rebeam.start(ns["main"], thing)
        del thing
        self.assertIsNotNone(seen())
        del started
        self.assertIsNone(seen())


class Depth(twins.unittest.TestCase):
    SOURCE = """
def down(n): return call(1) if n == 0 else down(n - 1) + 1
class C:
    def down(self, n):
        try: return call(1) if n == 0 else self.down(n=n - 1) + 1
        finally: pass
def forever(n=0): return forever(n + 1) if n >= 0 else call(1)
"""

    def on_a_large_stack(self, limit: int, work) -> list[object]:
        """What `work` returns on a thread with 16 MB of stack and this recursion limit."""
        got: list[object] = []
        old_limit, old_size = sys.getrecursionlimit(), threading.stack_size(16 << 20)

        def run() -> None:
            sys.setrecursionlimit(limit)
            try:
                got.append(work())
            except RecursionError:
                got.append(RecursionError)
            finally:
                sys.setrecursionlimit(old_limit)

        try:
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        finally:
            threading.stack_size(old_size)
        return got

    @twins.unittest.skipIf(SANITIZED, "frames are larger")
    def test_ten_thousand_deep(self) -> None:
        ns = twins.load(self.SOURCE)
        for function in (ns["down"], ns["C"]().down):
            got = self.on_a_large_stack(20000, lambda f=function: twins.drive(f, 10000))
            self.assertEqual(got, [(10002, 1)])

    @twins.unittest.skipIf(SANITIZED, "frames are larger")
    def test_dropped_ten_thousand_deep(self) -> None:
        ns = twins.load(self.SOURCE)
        self.assertEqual(
            self.on_a_large_stack(20000, lambda: _rebeam.start(ns["down"], 10000)[0]), ["pending"]
        )

    def test_endless_recursion(self) -> None:
        ns = twins.load(self.SOURCE)
        for limit in (1000, 20000, 1000000 if sys.version_info < (3, 12) else 50000):
            with self.subTest(limit=limit):
                got = self.on_a_large_stack(limit, lambda: twins.drive(ns["forever"]))
                self.assertEqual(got, [RecursionError])

    def test_as_deep_as_plain(self) -> None:
        ns = twins.load(self.SOURCE)
        self.assertEqual(twins.drive(ns["down"], 800)[0], 802)


class Leaks(twins.unittest.TestCase):
    SOURCE = """
def ask(x, *, y=1): return call(x) + y
def stops(): raise StopIteration(call(1))
def main(thing):
    f = lambda *a: ask(*a)
    try: stops()
    except StopIteration: pass
    try: call(KeyError(1))
    except KeyError: pass
    return [f(i) for i in range(3)], thing, (lambda: next(iter((call(1),))))()
"""

    def test_nothing_grows(self) -> None:
        ns = twins.load(self.SOURCE)
        main, code = ns["main"], ns["main"].__code__

        def work(times: int) -> None:
            for _ in range(times):
                thing = object()
                twins.drive(main, thing)
                _rebeam.start(main, thing)
            gc.collect()

        work(200)
        references = [sys.getrefcount(each) for each in (main, code)]
        objects = len(gc.get_objects())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work(3000)
        self.assertEqual(references, [sys.getrefcount(each) for each in (main, code)])
        self.assertLess(abs(len(gc.get_objects()) - objects), 100)
        if not SANITIZED:
            self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory, 4000)

    def test_twins_die_with_their_function(self) -> None:
        class Constant(str): ...

        for _ in range(3):
            ns = twins.load("def main():\n    def inner(): return call(1)\n    return inner()")
            twins.drive(ns["main"])
            seen = weakref.ref(ns["main"]), weakref.ref(ns["main"].__code__)
            del ns
            gc.collect()
            self.assertEqual([each() for each in seen], [None, None])


if __name__ == "__main__":
    twins.unittest.main()
