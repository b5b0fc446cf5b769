"""Callers, and actors that answer at once, later, from elsewhere, twice, or never.

Argument: calls of each caller. Every answer must be that of its question.
"""

import random
import sys
import threading

from baseline import counts, settled

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    idle,
    no_reply,
    receive,
    reply,
    run_register_process,
    sleep,
)

CLERKS, CALLERS = 4, 40


def any_clerk():
    return f"clerk {random.randrange(CLERKS)}"


class Clerk(GenPy):
    mailbox_limit = 30
    hibernate_after = 0.01

    def __init__(self, number):
        self.name = f"clerk {number}"
        self.kept = []

    @receive("ask")
    def ask(self, message, source):
        chance = random.random()
        if chance < 0.002:
            raise ValueError("chaos")
        if chance < 0.3:
            return message, "at once"
        self.kept.append((source, message))
        if len(self.kept) > 8:
            self.answer()
        return no_reply()

    @idle(0.005)
    def answer(self):
        kept, self.kept = self.kept, []
        random.shuffle(kept)
        for source, message in kept:
            how = random.randrange(4)
            if how == 0:
                threading.Thread(target=reply, args=(source, (message, "thread"))).start()
            elif how == 1:
                cast(any_clerk(), "pass on", (source, message))
            else:
                reply(source, (message, "later"))
                reply(source, ("wrong", "twice"))

    @receive("pass on")
    def pass_on(self, message):
        source, asked = message
        reply(source, (asked, "passed on"))


class Caller(GenPy):
    def __init__(self, number):
        self.number = number

    @receive("go")
    def go(self, message):
        seen = set()
        for n in range(message):
            key = (self.number, n, random.random())
            timeout = random.choice([0.002, 0.02, 5])
            status, answer = call(any_clerk(), "ask", key, timeout=timeout)
            if status:
                assert answer[0] == key, (key, answer)
                seen.add(answer[1])
            else:
                assert status != "error" or answer == "overloaded", answer
                seen.add(str(status))
        return seen


def main():
    clerks = Supervisor([Clerk(n) for n in range(CLERKS)], max_restarts=100_000)
    run_register_process(clerks)
    callers = [run_register_process(Caller(n)) for n in range(CALLERS)]
    before = counts()
    seen = set()

    def drive(caller):
        status, answer = call(caller, "go", int(sys.argv[1]), timeout=None)
        seen.update(answer if status else {answer})

    threads = [threading.Thread(target=drive, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sorted(seen - {"error"}))  # overloaded: not on every machine
    sleep(0.1)
    print(settled(before))


if __name__ == "__main__":
    main()
