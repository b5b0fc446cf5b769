"""Counters that actors of several units, threads, functions and the body change at once."""

import pickle
import threading

from rebeam import *

hits, load, ready = Counter("hits"), Gauge("load"), Flag("ready")
tickets = Counter("tickets")
TIMES = 20_000


class Adder(GenPy):
    @receive("work")
    def work(self, message):
        for _ in range(TIMES):
            hits.add()
            load.add(0.5)
            hits.sub(-1)
        return [tickets.add() for _ in range(100)], ready.set()

    @receive("work async")
    async def work_async(self, message):
        return self.work(message)

    @receive("die")
    def die(self):
        Counter("of the dead").add(7)
        raise SystemExit

    @receive("same")
    def same(self, message):
        return message is hits and message.name == "hits"


class Machine(GenStateMachine):
    initial_state = "only"

    @event("work")
    def work(self):
        return Adder.work(self, None)


def function():
    return Adder.work(None, None)


def main():
    adders = [run_register_process(child(cls, restart="temporary")) for cls in (Adder, Machine) * 2]
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    task = async_(function)
    wanted = [(each, "work") for each in adders]
    answers = call_many([*wanted, (adders[0], "work async")], timeout=120)
    results += [answer for _, answer in answers]
    results += [await_(task, 120), function()]
    thread.join()
    count = len(results)
    print(count, hits.get() == 2 * TIMES * count, load.get() == 0.5 * TIMES * count)
    print(sorted(n for numbers, _ in results for n in numbers) == [*range(1, 100 * count + 1)])
    print(sum(first for _, first in results), ready.get(), bool(ready))
    print([call(each, "die")[0].value for each in adders[::2]], Counter("of the dead").get())
    print(
        call(run_register_process(Adder), "same", hits)[1], pickle.loads(pickle.dumps(hits)) is hits
    )


if __name__ == "__main__":
    main()
