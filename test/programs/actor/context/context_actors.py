import asyncio
import contextvars

from rebeam import GenPy, call, receive, sleep

var = contextvars.ContextVar("var", default="unset")


class Keeps(GenPy):
    def __init__(self, value=None):
        if value:
            var.set(value)

    @receive("set")
    def set(self, message):
        self.token = var.set(message)

    @receive("get")
    def get(self):
        return var.get()

    @receive("set async")
    async def set_async(self, message):
        await asyncio.sleep(0)
        var.set(message)

        async def child():
            var.set("child's")
            return var.get()

        return await asyncio.create_task(child()), var.get()

    @receive("get async")
    async def get_async(self):
        await asyncio.sleep(0)
        return var.get()

    @receive("reset")
    def reset(self):
        var.reset(self.token)
        return var.get()

    @receive("across")
    def across(self, message):
        with_value(message)
        return var.get()

    @receive("rest")
    def rest(self, message):
        sleep(message)


def with_value(message):
    token = var.set(message)
    sleep(0.05)
    seen = [var.get()]
    call("other", "set", "other's")
    seen.append(var.get())
    sleep(0.01)
    seen.append(call("other", "get")[1])
    assert seen == [message, message, "other's"], seen
