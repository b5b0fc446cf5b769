"""While a handler waits for a call, threads of its actor ask other nodes."""

import asyncio
import os
import signal

from waiting import freeze

from rebeam import GenPy, Supervisor, call, child, is_alive, receive, whereis


class Away(GenPy):
    @receive("pid")
    def os_pid(self):
        return os.getpid()


class Asker(GenPy):
    @receive("ask")
    async def ask(self, message):
        away, self.took = message, []

        def asked(what, question):
            self.took.append((what, question()))

        questions = {
            "alive": lambda: is_alive("stopped"),
            "away": lambda: call(("away", away), "pid", timeout=20)[0].value,
            "stopped": lambda: call(("stopped", away), "pid", timeout=3)[0].value,
        }
        self.tasks = [
            asyncio.create_task(asyncio.to_thread(asked, *each)) for each in questions.items()
        ]

    @receive("wait")
    def wait(self):
        return call("stopped", "pid", timeout=2)[0].value

    @receive("took")
    async def all(self):
        await asyncio.gather(*self.tasks)
        return sorted(self.took)


def driver():
    stopped = call("stopped", "pid")[1]
    freeze(stopped)
    try:
        call("asker", "ask", whereis("away").node)
        print(call("asker", "wait", timeout=10)[1])
        print(call("asker", "took", timeout=10)[1])
    finally:
        os.kill(stopped, signal.SIGCONT)


if __name__ == "__main__":
    Supervisor(
        [
            child(Away(), name="stopped", isolation="process"),
            child(Away(), name="away", isolation="process"),
            child(Asker(), name="asker"),
            child(driver, restart="transient", significant=True),
        ]
    )
