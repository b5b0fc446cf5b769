"""Many calls to actors that are known here: answers, failures, times and order."""

from typing import Any

from baseline import counts, settled
from call_many_actors import Server, last
from waiting import wait_until

from rebeam import (
    GenPy,
    ProcessID,
    call,
    call_many,
    cast,
    child,
    receive,
    register,
    run_register_process,
    sleep,
    unregister,
    whereis,
)
from rebeam._native import _call_many

LARGE = bytes(range(256)) * 1000


class Keeper(GenPy):
    def __init__(self, limit=None):
        self.mailbox_limit = limit
        self.seen = []

    @receive("keep")
    def keep(self, message):
        self.seen.append(message)
        return message

    @receive("sleep")
    def sleep(self, message):
        register("asleep")
        sleep(message)
        unregister("asleep")
        return message

    @receive("cut")
    def cut(self, message):
        try:
            sleep(5)
        except BaseException as error:
            self.seen.append(type(error).__name__)

    @receive("take")
    def take(self):
        seen, self.seen = self.seen, []
        return seen


class Asker(GenPy):
    name = "asker"

    @receive()
    def ask(self, subject, message):
        return getattr(self, subject)(*message)

    def ways(self, keepers):
        "In which it asks: suspended, and on its thread."
        yield call_many
        yield (
            lambda *args: (
                sorted([0], key=lambda _: said.append(call_many(*args)) or 0) and said.pop()
            )
        )

    def order(self, keepers):
        wrong = 0
        for ask in self.ways(keepers):
            for number in range(30):
                for each in keepers:
                    cast(each, "keep", (number, "cast"))
                requests = [(each, "keep", (number, n)) for n in range(20) for each in keepers]
                answers = ask(requests, 20)
                wrong += [a for _, a in answers] != [r[2] for r in requests]
                for each in keepers:
                    expected = [(number, "cast"), *((number, n) for n in range(20))]
                    wrong += call(each, "take")[1] != expected
        return wrong

    def natively(self, keepers):
        return _call_many([(each, "keep", 1) for each in keepers], 5000, False) is not None

    def large(self, keepers):
        answers = call_many([(each, "keep", [LARGE, n]) for n, each in enumerate(keepers)], 20)
        return [a for _, a in answers] == [[LARGE, n] for n in range(len(keepers))]

    def full(self, bounded):
        cast(bounded, "sleep", 1)
        wait_until(lambda: whereis("asleep"))
        answers = call_many([(bounded, "keep", n) for n in range(5)], 20)
        return [last(each) for each in answers]

    def late(self, one, two):
        answers = call_many([(one, "sleep", 0.8), (two, "keep", "x"), (one, "keep", "y")], 0.3)
        return [last(each) for each in answers]

    def cut(self, one, two):
        requests = [(one, "cut", None), (one, "keep", "withdrawn"), (two, "keep", "x")]
        answers = call_many(requests, 0.3, interrupt=True)
        return [last(each) for each in answers], call(one, "take")[1]

    def dead(self, gone, dying, one):
        requests = [
            (gone, "double", 1),
            (dying, "die", 0.05),
            (one, "keep", 1),
            (dying, "double", 2),
        ]
        return [last(each) for each in call_many(requests, 20)]

    def own(self, one):
        try:
            call_many([(one, "keep", "never"), (ProcessID(), "x", 1)])
        except RuntimeError as error:
            return str(error), call(one, "take")[1]

    def wrong(self, one):
        try:
            call_many([(one, "keep", "never"), (one, "keep", [1, lambda: 1])])
        except TypeError as error:
            return str(error).split(":")[0], call(one, "take")[1]

    def forever(self, one):
        return call_many([(one, "sleep", 30)] * 3, None)


said: list[Any] = []
run_register_process(Asker())
keepers = [run_register_process(Keeper()) for _ in range(5)]
bounded = run_register_process(Keeper(2))
call("asker", "natively", (keepers,))
before = counts()


def ask(subject, *message):
    return call("asker", subject, message, 60)[1]


print("natively", ask("natively", keepers))
for each in keepers:
    call(each, "take")
print("wrong", ask("order", keepers))
print("large", ask("large", keepers))
print("full", *ask("full", bounded))
print("late", *ask("late", *keepers[:2]))
wait_until(lambda: call(keepers[0], "take")[1][-1:] == ["y"])
print("cut", *ask("cut", *keepers[:2]))
gone, dying = [run_register_process(child(Server(), restart="temporary")) for _ in range(2)]
call(gone, "exit")
print("dead", *ask("dead", gone, dying, keepers[2]))
for each in keepers:
    call(each, "take")
print("own", *ask("own", keepers[0]))
print("wrong", *ask("wrong", keepers[0]))
print(settled(before))
