"""The answer of a handler to a cast, and what its actor sends next to the same one."""

from waiting import wait_until

from rebeam import (
    GenPy,
    ProcessID,
    Supervisor,
    call,
    cast,
    child,
    no_reply,
    receive,
    run_register_process,
    whereis,
)

ROUNDS = 2000


class Asker(GenPy):
    name = "asker"

    def __init__(self):
        self.seen = []

    @receive("go")
    def go(self):
        target = whereis("target")
        for number in range(ROUNDS):
            cast(target, "ask", number, sender_pid=ProcessID())
            cast(target, "then", (ProcessID(), number))

    @receive("ask")
    def answer(self, message):
        self.seen.append(("answer", message))

    @receive("next")
    def follow(self, message):
        self.seen.append(("next", message))

    @receive("report")
    def report(self):
        return self.seen


class Target(GenPy):
    name = "target"

    @receive("ask")
    def ask(self, message):
        return message

    @receive("then")
    def then(self, message):
        pid, number = message
        cast(pid, "next", number)
        return no_reply()


def main():
    run_register_process(Asker)
    run_register_process(Target)
    call("asker", "go", timeout=None)
    seen = wait_until(
        lambda: len(seen := call("asker", "report", timeout=None)[1]) == 2 * ROUNDS and seen
    )
    place = {what: index for index, what in enumerate(seen)}
    print(
        "overtaken",
        [n for n in range(ROUNDS) if place["next", n] < place["answer", n]][:5],
        flush=True,
    )


Supervisor(modules=[child(main, restart="temporary", significant=True)])
