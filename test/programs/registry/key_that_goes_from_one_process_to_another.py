"""What was looked up is never taken for what it was before; actors are in argv[1]."""

import sys

from rebeam import (
    GenPy,
    Registry,
    Supervisor,
    Via,
    call,
    cast,
    child,
    receive,
    register,
    run_register_process,
    unregister,
)

keys = Registry("keys")


class Holder(GenPy):
    def __init__(self, number):
        self.number = number

    @receive("take")
    def take(self, message):
        keys.register(message)

    @receive("drop")
    def drop(self, message):
        keys.unregister(message)

    @receive("who")
    def who(self):
        return self.number


class Churner(GenPy):
    """Others' keys and names come and go meanwhile."""

    @receive("churn")
    def churn(self):
        for turn in range(300):
            keys.register(turn + 1000)
            keys.unregister(turn + 1000)
            register("other")
            unregister("other")


class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        wrong = []
        for turn in range(200):
            key = ["key", 7, ("a", 1)][turn % 3]
            number = turn % len(message)
            who = Via(keys, key)
            call(message[number], "take", key)
            seen = [call(who, "who")[1], call(who, "who")[1], cast(who, "who")]
            call(message[number], "drop", key)
            seen += [*call(who, "who"), cast(who, "who")]
            if seen != [number, number, True, "down", "noproc", False]:
                wrong.append((turn, seen))
        return wrong


def main():
    placed = dict(isolation=sys.argv[1])
    holders = [run_register_process(child(Holder(number), **placed)) for number in range(3)]
    cast(run_register_process(child(Churner(), **placed)), "churn")
    print(*call(run_register_process(child(Asker(), **placed)), "ask", holders, timeout=60))


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
