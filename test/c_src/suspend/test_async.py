"""Calls in async defs: they stop the coroutine, not the loop that runs it."""

from __future__ import annotations

import asyncio
import inspect
import types
import unittest
from collections.abc import Callable
from typing import Any

import twins
from twins import _rebeam


def each_way(main: Callable[[], Any]) -> Any:
    """Runs an async main() in an asyncio loop, and nothing else."""
    return asyncio.run(main())


class Conforming(twins.TwinTestCase):
    """Rewritten async defs do what the plain ones do, step by step and when a call fails."""

    def both(self, source: str, count: int = 1, **given: Any) -> None:
        for fail_at in range(count + 1):
            with self.subTest(fail_at=fail_at):
                twins.answer.plan(fail_at)
                plain = twins.outcome_of(twins.load(source, twins=False, **given), each_way)
                twins.answer.plan(fail_at)
                rewritten = twins.outcome_of(twins.load(source, **given), each_way)
                twins.answer.plan(0)
                self.assertEqual(twins.number_free(plain.error), twins.number_free(rewritten.error))
                self.assertEqual(plain[::2], rewritten[::2])

    def test_call(self) -> None:
        self.both("async def main(): return call(1) + call(2)", 2)

    def test_helpers(self) -> None:
        self.both(
            """
def ask(x, *, more=0):
    try:
        return call(x) + more
    finally:
        log.append(x)
class Asker:
    def __init__(self, x): self.x = call(x)
    def ask(self): return [call(n) for n in range(self.x)]
    async def aask(self): return self.ask()
async def main():
    asker = Asker(1)
    return ask(1, more=2), await asker.aask(), (lambda: call(5))()
""",
            5,
        )

    def test_statements(self) -> None:
        self.both(
            """
import contextlib
class Gate:
    async def __aenter__(self): log.append(call(1)); return self
    async def __aexit__(self, *e): log.append(call(2))
    def __aiter__(self): self.n = 0; return self
    async def __anext__(self):
        self.n += 1
        if call(self.n) > 4: raise StopAsyncIteration
        return self.n
async def numbers():
    try:
        yield call(1)
        x = yield call(2)
        log.append(x)
    finally:
        log.append(call(3))
async def main():
    async with Gate() as g:
        async for n in g:
            log.append(call(n))
    async for n in numbers():
        log.append(n)
    async with contextlib.aclosing(numbers()) as some:
        async for n in some:
            break
    return [call(x) async for x in Gate()], {x: call(x) for x in [1, 2]}, [await one(x) for x in [call(1)]]
async def one(x): return call(x)
""",
            20,
        )

    def test_stop_iteration(self) -> None:
        self.both(
            """
def empty():
    call(1)
    return next(iter(()))
async def main():
    try:
        empty()
    except StopIteration as e:
        log.append(repr(e))
    try:
        [empty() for x in [1]]
    except StopIteration as e:
        log.append(repr(e))
    empty()
""",
            3,
        )

    def test_names_and_flags(self) -> None:
        source = """
def outer():
    async def inner(x, /, y=1, *z, k=2, **kw):
        "It is documented."
        return call(x)
    return inner
async def numbers():
    yield call(1)
class C:
    async def method(self): return super().__init__(), call(__class__)
"""
        plain, rewritten = twins.load(source, twins=False), twins.load(source)
        pairs = [
            (plain["outer"](), rewritten["outer"]()),
            (plain["numbers"], rewritten["numbers"]),
            (plain["C"].method, rewritten["C"].method),
        ]
        for one, other in pairs:
            self.assertIsNot(one.__code__.co_consts, other.__code__.co_consts)
            for name in (
                "co_name",
                "co_qualname",
                "co_varnames",
                "co_cellvars",
                "co_freevars",
                "co_flags",
                "co_firstlineno",
                "co_argcount",
                "co_posonlyargcount",
            ):
                self.assertEqual(getattr(one.__code__, name), getattr(other.__code__, name), name)
            self.assertEqual(inspect.signature(one), inspect.signature(other))
            self.assertEqual(one.__doc__, other.__doc__)
            self.assertEqual(inspect.iscoroutinefunction(one), inspect.iscoroutinefunction(other))

    @unittest.skipIf(twins.ALL, "every call counts")
    def test_what_calls_nothing_is_untouched(self) -> None:
        source = "async def f(): return [x async for x in g()]\ndef h(): call(1)"
        code = compile(source, "<test>", "exec")
        self.assertIs(code, _rebeam.suspend_pair(code, twins.rewrite(source, "<test>")))


class Waiting(unittest.TestCase):
    """What an asyncio loop sees of a call."""

    def setUp(self) -> None:
        if twins.ALL:
            self.skipTest("counts the waits")
        _rebeam.hold(True)
        self.addCleanup(_rebeam.hold, False)
        self.addCleanup(_rebeam.beside)

    def answer(self, failing: dict[Any, BaseException] | None = None) -> list[Any]:
        """Answers all waits, the newest first; their arguments."""
        seen = []
        for suspension, wake in reversed(_rebeam.beside()):
            (argument,) = _rebeam.request(suspension)
            seen.append(argument)
            if failing and argument in failing:
                _rebeam.fail(suspension, failing[argument])
            else:
                _rebeam.finish(suspension, argument * 2)
            wake()
        return seen

    def run_main(self, source: str, **given: Any) -> Any:
        """main(answer) with `ticks()`, which lets all other tasks run until they wait."""

        async def ticks() -> None:
            for _ in range(10):
                await asyncio.sleep(0)

        space = twins.load(
            "import asyncio\n" + source,
            answer=self.answer,
            ticks=ticks,
            beside=_rebeam.beside,
            **given,
        )
        return asyncio.run(asyncio.wait_for(space["main"](), 10)), space["log"]

    def test_gather(self) -> None:
        result, _ = self.run_main("""
def helper(x): return call(x) + 1
async def one(x): return helper(x)
async def main():
    all = asyncio.gather(*(one(x) for x in range(5)))
    await ticks()
    log.append(answer())
    return await all
""")
        self.assertEqual(result, [1, 3, 5, 7, 9])

    def test_others_go_on(self) -> None:
        _, log = self.run_main("""
async def one(): log.append(call("one"))
async def main():
    task = asyncio.create_task(one())
    await ticks()
    log.append("main")
    answer()
    await task
""")
        self.assertEqual(log, ["main", "oneone"])

    def test_cancelled_wait_drops_the_answer(self) -> None:
        _, log = self.run_main("""
def helper():
    try:
        call("late")
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    finally:
        log.append("finally")
async def main():
    for _ in range(2):
        try:
            async with asyncio.timeout(0.01):
                helper()
        except TimeoutError:
            log.append("timeout")
    log.append(len(beside()))
""")
        self.assertEqual(log, ["cancelled", "finally", "timeout"] * 2 + [0])

    def test_cancelled_then_answered(self) -> None:
        _, log = self.run_main("""
async def one():
    try:
        return call(1)
    except asyncio.CancelledError:
        return call(2)
async def main():
    task = asyncio.create_task(one())
    await ticks()
    late = beside()
    task.cancel()
    await ticks()
    for suspension, wake in late: wake()
    await ticks()
    log.append(answer())
    log.append(await task)
""")
        self.assertEqual(log, [[2], 4])

    def test_constructor_that_takes_the_cancellation(self) -> None:
        _, log = self.run_main("""
class Maker:
    def __init__(self, returns=None):
        try:
            call(1)
        except asyncio.CancelledError:
            self.how = "cancelled"
        return returns
async def one(*args): return Maker(*args).how
async def main():
    for args in (), (1,):
        task = asyncio.create_task(one(*args))
        await ticks()
        task.cancel()
        try:
            log.append(await task)
        except TypeError as error:
            log.append(str(error))
""")
        self.assertEqual(log, ["cancelled", "__init__() should return None, not 'int'"])

    def test_failure(self) -> None:
        _, log = self.run_main("""
async def main():
    async def one():
        try:
            call("bad")
        except ValueError as error:
            return error.args
    task = asyncio.create_task(one())
    await ticks()
    answer({"bad": ValueError("it", "is")})
    log.append(await task)
""")
        self.assertEqual(log, [("it", "is")])

    def test_task_group_cancels_siblings(self) -> None:
        _, log = self.run_main(
            """
async def one(x):
    try:
        call(x)
    except BaseException as error:
        log.append((x, type(error).__name__))
        raise
async def main():
    try:
        async with asyncio.TaskGroup() as group:
            for x in "ab":
                group.create_task(one(x))
            await ticks()
            (_, _), (second, wake) = waits = beside()
            fail(second, ValueError("b"))
            wake()
    except* ValueError as errors:
        log.append(len(errors.exceptions))
""",
            fail=_rebeam.fail,
        )
        self.assertEqual(log, [("b", "ValueError"), ("a", "CancelledError"), 1])

    def test_dropped_coroutine(self) -> None:
        """close() may not stop: a call in `finally` then holds the thread."""
        _, log = self.run_main("""
async def one():
    try:
        call("never")
    finally:
        log.append(call("closing"))
async def main():
    task = one()
    task.send(None)
    task.close()
    log.append(len(beside()))
""")
        self.assertEqual(log, ["closingclosing", 0])

    def test_driven_by_hand(self) -> None:
        space = twins.load(
            "async def main(): return call(1), await other()\nasync def other(): return call(2)"
        )
        with self.assertRaises(StopIteration) as stop:
            space["main"]().send(None)
        self.assertEqual(stop.exception.value, (2, 4))

    def test_other_kinds_of_loop(self) -> None:
        """What the user's own awaitables yield goes through untouched."""
        space = twins.load("async def main(trap): return call(1), await trap(call('t')), call(3)")

        @types.coroutine
        def trap(value: Any) -> Any:
            return (yield value)

        coroutine = space["main"](trap)
        self.assertEqual(coroutine.send(None), "tt")
        with self.assertRaises(StopIteration) as stop:
            coroutine.send("back")
        self.assertEqual(stop.exception.value, (2, "back", 6))


if __name__ == "__main__":
    unittest.main()
