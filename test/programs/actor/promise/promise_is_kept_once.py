import asyncio
import threading
import time

from baseline import counts, settled
from waiting import wait_until

from _rebeam import _suspend
from rebeam import GenPy, call, cast, receive, run_register_process


def later(value):
    def begin(promise):
        def keep():
            time.sleep(0.02)
            if isinstance(value, BaseException):
                assert (promise.set_exception(value), promise.set_result(1)) == (True, False)
            else:
                promise.set_result(value)

        threading.Thread(target=keep).start()

    return begin


def at_once(promise):
    assert promise.set_result("once") and not promise.set_result("twice")


def bad(promise):
    raise KeyError("begin")


lock = threading.Lock()
begun = []


def uses():
    seen = [_suspend(later(lock)) is lock, _suspend(at_once)]
    for begin in (later(ValueError("later")), bad):
        try:
            _suspend(begin)
        except Exception as error:
            seen.append(repr(error))
    return seen


class Waits(GenPy):
    @receive("run")
    def run(self):
        return uses()

    @receive("plain")
    def plain(self):
        return sorted([uses()], key=lambda _: uses())[0]

    @receive("async")
    async def asynchronous(self):
        first, second = await asyncio.gather(*(asyncio.to_thread(uses) for _ in range(2)))
        assert first == second
        return uses() if first == uses() else first

    @receive("errors")
    def errors(self):
        seen = []
        for given in ((), (1, 2, 3)):
            try:
                _suspend(*given)
            except TypeError as error:
                seen.append(str(error))

        def wrong(promise):
            promise.set_exception("text")

        try:
            _suspend(wrong)
        except TypeError as error:
            seen.append(str(error))
        return seen

    @receive("never")
    def never(self):
        try:
            _suspend(lambda promise: begun.append("never"))
        except BaseException as error:
            print("never", type(error).__name__, flush=True)
            raise

    @receive("told")
    def told(self):
        told = _suspend(lambda _: begun.append("told"), lambda promise: promise.set_result(3))
        print("told", told, flush=True)


waits = run_register_process(Waits())
before = counts()
print(uses())
other = threading.Thread(target=lambda: print(uses()))
other.start()
other.join()
for subject in ("run", "plain", "async"):
    print(call(waits, subject)[1])
for text in call(waits, "errors")[1]:
    print(text)
print(settled(before))
cast(run_register_process(Waits()), "never")
wait_until(lambda: "never" in begun)
cast(run_register_process(Waits()), "told")
wait_until(lambda: "told" in begun)
