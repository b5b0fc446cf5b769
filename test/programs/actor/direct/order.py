"""Each sender's messages come in the order in which it sent them, whichever way each of them takes."""

import os
import random
import sys
import threading

from rebeam import (
    GenPy,
    Registry,
    Supervisor,
    Via,
    async_,
    await_,
    broadcast,
    call,
    call_async,
    call_many,
    cast,
    child,
    info,
    join,
    publish,
    receive,
    run_register_process,
    send,
    sleep,
    start,
    subscribe,
    whereis,
)

SEED = int(os.environ.get("REBEAM_SEED", random.randrange(2**32)))
MESSAGES = int(os.environ.get("REBEAM_MESSAGES", "20000"))
# What is published for another unit goes by its server: in the publisher's order, beside its casts.
APART = "apart" in sys.argv
TARGETS = [f"target {number}" for number in range(4)]
registry = Registry("keys")


class Target(GenPy):
    "Says what came in a wrong order."

    def __init__(self, name):
        self.name = name
        self.last, self.count, self.wrong = {}, 0, []
        self.random = random.Random(name + str(SEED))

    @start()
    def boot(self):
        join(self.name)
        subscribe(self.name)
        registry.register(self.name)

    def take(self, sender, number):
        before = self.last.get(sender, -1)
        if number <= before:
            self.wrong.append((sender, before, number))
        self.last[sender] = number
        self.count += 1

    @receive()
    def message(self, subject, message):
        self.take(*message)
        chance = self.random.random()
        if chance < 0.02:
            sleep(0)
        elif chance < 0.04:
            call("other", "x")
        elif chance < 0.05:
            sorted([1, 2], key=lambda n: call("other", "x")[1])
        return "answer"

    @info()
    def plain(self, message):
        if isinstance(message, tuple) and len(message) == 2:
            self.take(*message)

    @receive("report")
    def report(self):
        return self.count, self.wrong


class Other(GenPy):
    name = "other"

    @receive("x")
    def x(self):
        return 1

    @receive()
    def answer(self, message):
        pass


def ways(name, pid):
    "How a message may be sent to the target, and how many messages each is."
    return [
        (8, lambda m: cast(pid(), "m", m)),
        (4, lambda m: cast(name, "m", m)),
        (2, lambda m: cast(Via(registry, name), "m", m)),
        (4, lambda m: call(pid(), "m", m)),
        (2, lambda m: call(name, "m", m)),
        (1, lambda m: call(pid(), "m", m, timeout=0.0)),
        (1, lambda m: call_many([(pid(), "m", m)])),
        (1, lambda m: send(pid(), m)),
        (1, lambda m: broadcast(name, "m", m)),
        (1, lambda m: cast(pid(), "m", m, sender_pid=whereis("other"))),
        *([] if APART else [(1, lambda m: publish(name, m))]),
    ]


def drive(sender, count):
    "Sends the numbers 0 to about count, each to one of the targets. How many."
    chance = random.Random(f"{sender} {SEED}")
    targets = []
    for name in TARGETS:
        known = whereis(name)
        all_ways = ways(name, lambda known=known: known)
        targets.append(([way for _, way in all_ways], [weight for weight, _ in all_ways]))
    number = 0
    while number < count:
        choices, weights = chance.choice(targets)
        for way in chance.choices(choices, weights, k=chance.randrange(1, 30)):
            way((sender, number))
            number += 1
    return number


class Sender(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("go")
    def go(self, message):
        return drive(self.name, message)


class Asynchronous(GenPy):
    name = "asynchronous"

    @receive("go")
    async def go(self, message):
        pids = [whereis(name) for name in TARGETS]
        chance = random.Random(SEED)
        for number in range(message):
            pid = chance.choice(pids)
            if chance.random() < 0.5:
                cast(pid, "m", (self.name, number))
            else:
                await call_async(pid, "m", (self.name, number), timeout=None)
        return message


def value_of(answer):
    status, value = answer
    assert status == "ok", answer
    return value


def main():
    run_register_process(Other)
    for name in TARGETS:
        run_register_process(Target(name))
    senders = [f"sender {number}" for number in range(6)]
    for name in senders:
        run_register_process(Sender(name))
    run_register_process(Asynchronous)
    each = MESSAGES // 8
    begun = [
        async_(lambda name=name: call(name, "go", each, timeout=None))
        for name in [*senders, "asynchronous"]
    ]
    sent = []
    thread = threading.Thread(target=lambda: sent.append(drive("thread", each)))
    thread.start()
    sent += [value_of(await_(task, None)) for task in begun]
    thread.join()
    reports = [value_of(call(name, "report", timeout=None)) for name in TARGETS]
    print("wrong", [wrong[:3] for _, wrong in reports if wrong], flush=True)
    print("lost", sum(sent) - sum(count for count, _ in reports), flush=True)
    print(f"seed {SEED}", file=sys.stderr)


Supervisor(modules=[child(main, restart="temporary", significant=True)])
