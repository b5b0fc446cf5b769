import contextvars

from context_actors import Keeps, var

from rebeam import GenPy, call, receive, run_register_process


class Owner(GenPy):
    @receive("current")
    def current(self):
        return var.get(), len(contextvars.copy_context())

    @receive("blocked")
    def blocked(self, message):
        var.set(message)
        sorted([2, 1], key=lambda x: call("other", "rest", 0.01))
        return var.get(), list(x for x in [call("other", "get")[1]]), var.get()

    @receive("run")
    async def run(self):
        return contextvars.copy_context().run(lambda: (var.set("inner"), var.get())[1]), var.get()


owner = run_register_process(Owner())
run_register_process(Keeps(), name="other")
print(call(owner, "current"))
print(call(owner, "blocked", "b"))
print(call(owner, "run"), call(owner, "blocked", "c")[0].value)
