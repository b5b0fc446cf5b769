from baseline import counts, settled
from call_many_actors import Server, last
from waiting import wait_until

from rebeam import (
    GenPy,
    ProcessID,
    Status,
    call,
    call_many,
    cast,
    receive,
    run_register_process,
)


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        return self.many(message)

    @receive("plain")
    def plain(self, message):
        answers = []
        sorted([0], key=lambda _: answers.extend(self.many(message)) or 0)
        return answers

    def many(self, unnamed):
        node = unnamed.node
        answers = call_many(
            [
                ("one", "double", 21),
                (unnamed, "double", [1, "x"]),
                (("one", node), "double", 2),
                ("one", "error", {"why": 1}),
                ("one", "unknown"),
                ("nobody", "double", 1),
                (("one", "no@where"), "double", 1),
                (dead, "double", 1),
                ("one", "odd"),
                ("one", "sleep", (1.5, "late")),
                ("two", "source"),
            ],
            timeout=1.0,
        )
        assert answers[-1] == (Status.OK, (ProcessID(), "source"))
        assert all(type(status) is Status for status, _ in answers)
        return [last(each) for each in answers[:-1]]


run_register_process(Server("one"))
run_register_process(Server("two"))
unnamed = run_register_process(Server)
dead = run_register_process(Server)
cast(dead, "exit")
wait_until(lambda: not dead.alive())
run_register_process(Asker)
before = counts()
for served, subject in enumerate(("ask", "plain"), 1):
    for line in call("asker", subject, unnamed)[1]:
        print(line)
    wait_until(lambda: len(call("one", "served")[1]) == served)
# What came too late was served, and delivered to nobody.
print(
    call_many([("one", "served"), ("two", "served")])
    == [(Status.OK, ["late", "late"]), (Status.OK, [])]
)
print(call_many([]), call_many(iter([("one", "double", 4)]), timeout=None)[0][1])
print(settled(before))
