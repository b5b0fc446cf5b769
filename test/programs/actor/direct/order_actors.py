"""Who sends and who takes in order.py: each target looks whether a sender's numbers only grow."""

import os
import random

from rebeam import (
    GenPy,
    Registry,
    Via,
    broadcast,
    call,
    call_async,
    call_many,
    cast,
    exit,
    info,
    join,
    publish,
    receive,
    register,
    send,
    sleep,
    start,
    subscribe,
    unregister,
    whereis,
)

SEED = int(os.environ.get("REBEAM_SEED", random.randrange(2**32)))
registry = Registry("keys")


class Target(GenPy):
    "Says what came in a wrong order."

    def __init__(self, name, others=True):
        self.name, self.others = name, others
        self.begin(name)

    def begin(self, name):
        self.last, self.count, self.wrong = {}, 0, []
        self.random = random.Random(f"{name} {SEED}")

    @start()
    def boot(self):
        if self.others:
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
        if not self.others:
            return "answer"
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


class Renamed(Target):
    "A target whose name is now its own, now another one's."

    def __init__(self, first):
        self.others, self.now = False, None
        self.begin(first)

    @receive("rename")
    def rename(self, message):
        if self.now:
            unregister(self.now)
        self.now = message
        if message:
            register(message)


class Mortal(Target):
    "A target that is killed; what it found is told before that."

    def __init__(self):
        self.name, self.others = "mortal", False
        self.begin(self.name)

    def take(self, sender, number):
        super().take(sender, number)
        if self.wrong:
            cast("other", "wrong", self.wrong.pop())


class Other(GenPy):
    name = "other"

    def __init__(self):
        self.wrong = []

    @receive("x")
    def x(self):
        return 1

    @receive("wrong")
    def add(self, message):
        self.wrong.append(message)

    @receive("report")
    def report(self):
        return self.wrong

    @receive()
    def answer(self, message):
        pass


class Changes(GenPy):
    "Names change hands, and what is mortal is killed, until it is told to stop."

    name = "changes"

    def __init__(self):
        self.rounds, self.stopped = 0, False

    @receive("go")
    def go(self, message):
        pids, names = message
        if self.stopped:
            return
        for pid in pids:
            call(pid, "rename", None, timeout=None)
        for pid, name in zip(pids, names, strict=True):
            call(pid, "rename", name, timeout=None)
        self.rounds += 1
        if self.rounds % 5 == 0 and (mortal := whereis("mortal")):
            exit(mortal, "kill")
        cast("changes", "go", (pids, names[::-1]))
        sleep(0.002)

    @receive("stop")
    def stop(self):
        self.stopped = True


def ways(name, pid, apart):
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
        # What is published for another unit goes by its server: in the publisher's order, beside its casts.
        *([] if apart else [(1, lambda m: publish(name, m))]),
    ]


def ways_far(pid):
    "The same to another node, and from there."
    return [
        (4, lambda m: cast(pid, "m", m)),
        (2, lambda m: call(pid, "m", m, timeout=None)),
        (1, lambda m: call(pid, "m", m, timeout=0.0)),
        (1, lambda m: call_many([(pid, "m", m)], timeout=None)),
        (1, lambda m: send(pid, m)),
    ]


def ways_named(name):
    "To whoever has the name now, if anybody has."
    return [
        (3, lambda m: cast(name, "m", m)),
        (1, lambda m: call(name, "m", m, timeout=None)[0] == "ok"),
    ]


def drive(sender, count, targets):
    "Sends the numbers 0 to about count, each to one of the targets, by its ways. How many were taken."
    chance = random.Random(f"{sender} {SEED}")
    pairs = [([way for _, way in each], [weight for weight, _ in each]) for each in targets]
    number = 0
    while number < count:
        choices, weights = chance.choice(pairs)
        for way in chance.choices(choices, weights, k=chance.randrange(1, 30)):
            way((sender, number))
            number += 1
    return number


class Sender(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("go")
    def go(self, message):
        count, names, apart = message
        known = [(name, whereis(name)) for name in names]
        return drive(
            self.name, count, [ways(name, lambda pid=pid: pid, apart) for name, pid in known]
        )

    @receive("far")
    def far(self, message):
        count, pids = message
        # Without a connection, a call that may take no time is over before it is sent.
        for pid in pids:
            call(pid, "report", timeout=None)
        return drive(self.name, count, [ways_far(pid) for pid in pids])

    @receive("named")
    def named(self, message):
        count, names = message
        return drive(self.name, count, [ways_named(name) for name in names])


class Asynchronous(GenPy):
    name = "asynchronous"

    @receive("go")
    async def go(self, message):
        count, names, _ = message
        pids = [whereis(name) for name in names]
        chance = random.Random(SEED)
        for number in range(count):
            pid = chance.choice(pids)
            if chance.random() < 0.5:
                cast(pid, "m", (self.name, number))
            else:
                await call_async(pid, "m", (self.name, number), timeout=None)
        return count
