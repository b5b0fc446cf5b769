import asyncio

from context_actors import Keeps, var

from rebeam import GenPy, call, call_async, receive, run_register_process, sleep

var.set("main's")
a, b = run_register_process(Keeps()), run_register_process(Keeps())
run_register_process(Keeps(), name="other")
print(call(a, "get")[1], call(b, "get async")[1])
call(a, "set", 1)
print(call(a, "get")[1], call(a, "get async")[1], call(b, "get")[1], var.get())
print(call(b, "set async", 2)[1], call(b, "get")[1], call(b, "get async")[1], call(a, "get")[1])
print(call(a, "across", 3)[1], call(a, "get async")[1], call(b, "get")[1])
call(a, "set", 4)
print(call(a, "reset")[1], call(a, "get async")[1])


class Makes(Keeps):
    def __init__(self):
        var.set(5)


print(
    call(run_register_process(Makes), "get")[1],
    call(run_register_process(Keeps(6)), "get")[1],
    var.get(),
)


class Asks(GenPy):
    @receive("go")
    def go(self, message):
        var.set(message)
        for _ in range(20):
            call("other", "get")
            sleep(0.001)
            assert var.get() == message
        return message


asks = [run_register_process(Asks()) for _ in range(20)]


class All(GenPy):
    @receive("go")
    async def go(self):
        return await asyncio.gather(*(call_async(each, "go", n) for n, each in enumerate(asks)))


print(
    [answer for _, answer in call(run_register_process(All()), "go", timeout=20)[1]]
    == list(range(20))
)
