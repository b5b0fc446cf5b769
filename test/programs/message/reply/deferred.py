"""Actors that answer later."""

from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    cast,
    info,
    no_reply,
    receive,
    reply,
    response_error,
    response_ok,
    sleep,
)


class Clerk(GenPy):
    """Keeps who asks, and answers when told to."""

    def __init__(self, name="clerk"):
        self.name = name
        self.kept = []

    @receive("ask")
    def ask(self, message, source):
        self.kept.append((source, message))
        return no_reply()

    @receive("kept")
    def count(self):
        return len(self.kept)

    @receive("answer")
    def answer(self, message):
        """`message` is what to add to each answer."""
        kept, self.kept = self.kept, []
        for source, asked in kept:
            reply(source, response_ok((asked, message)))
        return len(kept)

    @receive("hand over")
    def hand_over(self, message):
        """Sends what was asked to another actor."""
        kept, self.kept = self.kept, []
        return str(call(message, "take", kept)[0])

    @receive("take")
    def take(self, message):
        self.kept += message

    @receive("quick")
    def quick(self, message):
        return message

    @receive("crash")
    def crash(self, message):
        raise ValueError(message)

    @receive("twice")
    def twice(self, source):
        reply(source, "first")
        reply(source, response_error("second"))
        return "third"

    @receive("error")
    def error(self, source):
        reply(source, response_error({"why": [1]}))
        return no_reply()

    @receive("sleepy")
    def sleepy(self, source):
        sleep(0.01)
        reply(source)
        return no_reply()


class Asker(GenPy):
    def __init__(self, name="asker"):
        self.name = name
        self.answers = []

    @receive("ask")
    def ask(self, message):
        target, subject, payload, timeout = message
        self.answers.append(call(target, subject, payload, timeout))

    @receive("answers")
    def all(self):
        answers, self.answers = self.answers, []
        return [(str(status), response) for status, response in answers]

    @receive("plainly")
    def plainly(self, message):
        """On the plain path: sorted cannot be suspended."""
        answers = []
        sorted([0, 1], key=lambda n: answers.append(call(*message)) or n)
        return [(str(status), response) for status, response in answers]

    @info()
    def unexpected(self, message):
        print("unexpected", message)


def wait_for(number, clerk="clerk"):
    """Until so many have asked."""
    wait_until(lambda: call(clerk, "kept")[1] == number)


def ask(asker, *message):
    cast(asker, "ask", message)
