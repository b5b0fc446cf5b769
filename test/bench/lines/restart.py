"""How long after an actor is killed its name answers again, with the next one."""

import functools
import time

from bench.line import Goal, Line, percentile

from rebeam import GenPy, ProcessID, Supervisor, call, exit, receive

line = Line("killed, until the name answers: median", "us", [Goal(300)])


class Victim(GenPy):
    name = "victim"

    @receive("who")
    def who(self):
        return ProcessID()


class Killer(GenPy):
    name = "killer"

    @receive("go")
    def go(self, message):
        """Microseconds, of each."""
        taken = []
        for _ in range(message):
            _, victim = call("victim", "who")
            begin = time.perf_counter()
            exit(victim, "kill")
            while True:
                status, another = call("victim", "who")
                if status == "ok" and another != victim:
                    break
            taken.append((time.perf_counter() - begin) * 1e6)
        return taken


def ours(percent, count):
    with Supervisor([Victim, Killer], max_restarts=1_000_000):
        status, taken = call("killer", "go", count, timeout=None)
        assert status == "ok", taken
        return percentile(taken, percent)


line.ours(500)(functools.partial(ours, 50))
line.elixir("GenServer", 2_000, "restart", "50")

if __name__ == "__main__":
    line.serve()
