"""The slowest of a hundred calls, one every millisecond, while another actor computes."""

import functools
import threading
import time

from bench.line import Goal, Line, percentile

from rebeam import GenPy, Supervisor, call, cast, child, receive

line = Line("p99 of calls beside 1 busy actor", "us", [Goal(400)])


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message


class Asker(GenPy):
    name = "asker"

    @receive("go")
    def go(self, message):
        """Microseconds, of each call."""
        taken = []
        for number in range(message):
            begin = time.perf_counter()
            assert call("echo", "echo", number, timeout=None)[1] == number
            taken.append((time.perf_counter() - begin) * 1e6)
            time.sleep(0.001)
        return taken


class Busy(GenPy):
    begun = 0

    @receive("go")
    def go(self):
        Busy.begun += 1
        while True:
            pass


def ours(number, count):
    names = [f"busy {n}" for n in range(number)]
    workers = [child(Busy, name=name, shutdown="brutal_kill") for name in names]
    Busy.begun = 0
    with Supervisor([Echo, Asker, *workers]):
        for name in names:
            cast(name, "go")
        while Busy.begun < number:
            time.sleep(0.001)
        status, taken = call("asker", "go", count, timeout=None)
        assert status == "ok", taken
        return percentile(taken, 99)


def by_pykka(number, count):
    """Actors that are threads, beside threads that compute."""
    import pykka

    class Answers(pykka.ThreadingActor):
        def on_receive(self, message):
            return message

    going = threading.Event()
    going.set()

    def spin():
        while going.is_set():
            pass

    threads = [threading.Thread(target=spin) for _ in range(number)]
    actor = Answers.start()
    for thread in threads:
        thread.start()
    taken = []
    for n in range(count):
        begin = time.perf_counter()
        assert actor.ask(n) == n
        taken.append((time.perf_counter() - begin) * 1e6)
        time.sleep(0.001)
    going.clear()
    for thread in threads:
        thread.join()
    actor.stop()
    return percentile(taken, 99)


line.ours(1_000)(functools.partial(ours, 1))
line.elixir("GenServer", 1_000)
line.entry("pykka", 200, "pykka")(functools.partial(by_pykka, 1))

if __name__ == "__main__":
    line.serve()
