"""An exit signal, and what its sender sends next to the same process."""

from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    exit,
    info,
    receive,
    run_register_process,
    start,
    trap_exit,
)

ROUNDS = 300


class Traps(GenPy):
    def __init__(self):
        self.seen = []

    @start()
    def boot(self):
        trap_exit(True)

    @receive("next")
    def follow(self, message):
        self.seen.append(("next", message))

    @info()
    def plain(self, message):
        self.seen.append(("exit", int(message.reason)))

    @receive("report")
    def report(self):
        return self.seen


class Ends(GenPy):
    @receive("alive")
    def alive(self):
        return "alive"


class Sender(GenPy):
    name = "sender"

    @receive("go")
    def go(self, message):
        for number in range(ROUNDS):
            exit(message, str(number))
            cast(message, "next", number)

    @receive("end")
    def end(self, message):
        pid, reason = message
        exit(pid, reason)
        return call(pid, "alive")


def main():
    run_register_process(Sender)
    traps = run_register_process(Traps)
    call(traps, "report")
    call("sender", "go", traps, timeout=None)
    seen = wait_until(
        lambda: len(seen := call(traps, "report", timeout=None)[1]) == 2 * ROUNDS and seen
    )
    place = {what: index for index, what in enumerate(seen)}
    overtaken = [n for n in range(ROUNDS) if place["next", n] < place["exit", n]]
    print("overtaken", overtaken[:5], flush=True)
    for reason in ("kill", "shutdown"):
        answers = set()
        for _ in range(50):
            pid = run_register_process(child(Ends, restart="temporary"))
            call(pid, "alive")
            answers.add(call("sender", "end", (pid, reason))[1][0].value)
        print(reason, answers, flush=True)


Supervisor(modules=[child(main, restart="temporary", significant=True)])
