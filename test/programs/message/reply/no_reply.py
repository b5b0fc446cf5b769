import threading

from rebeam import (
    GenPy,
    ProcessID,
    call,
    cast,
    info,
    no_reply,
    receive,
    reply,
    run_register_process,
    send,
)


class Odd(GenPy):
    name = "odd"

    def __init__(self):
        self.seen = []

    @receive("cast")
    def on_cast(self, message, source):
        self.seen.append(message)
        try:
            reply(source, 1)
        except (TypeError, ValueError) as error:
            self.seen.append(f"{type(error).__name__} {error}".replace(repr(source), "<pid>"))
        return no_reply()

    @receive("seen")
    def all(self):
        seen, self.seen = self.seen, []
        return seen

    @info()
    def note(self, message):
        self.seen.append(message)
        return no_reply()

    @receive("bad")
    def bad(self, source):
        for value in ({"a": [threading.Lock()]}, no_reply()):
            try:
                reply(source, value)
            except TypeError as error:
                self.seen.append(str(error))
        for target in ("odd", ProcessID()):
            try:
                reply(target, 1)
            except (TypeError, ValueError) as error:
                self.seen.append(str(error).replace(repr(target), "<it>"))
        reply(source, "then a good one")
        return no_reply()


class Sender(GenPy):
    name = "sender"

    def __init__(self):
        self.seen = []

    @receive("go")
    def go(self):
        return cast("odd", "cast", 2, sender_pid=ProcessID())

    @receive()
    def other(self, subject, message):
        self.seen.append((subject, message))
        return self.seen


run_register_process(Odd)
run_register_process(Sender)
print(repr(no_reply()), no_reply().status, no_reply().value)
print(cast("odd", "cast", 1), call("sender", "go")[1], send("odd", "plain"))
for each in call("odd", "seen")[1]:
    print(each)
print(call("sender", "seen")[1])
print(*call("odd", "bad"))
for each in call("odd", "seen")[1]:
    print(each)
