import gc
import threading

import numpy
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    GenStateMachine,
    async_,
    await_,
    broadcast,
    call,
    call_many,
    cancel_timer,
    cast,
    child,
    event,
    join,
    keep_state,
    receive,
    run_register_process,
    send_after,
    send_interval,
    sleep,
    start,
    whereis,
)
from rebeam._runtime import rebeam_info

run_register_process(DynamicSupervisor(name="holders", max_restarts=1_000_000))


class Asker(GenPy):
    @receive("go")
    def go(self, message):
        array = numpy.ones(1_000_000)
        way(message, array)


def way(name, array):
    ways = {
        "call": lambda: call("echo", "back", array),
        "cast": lambda: cast("echo", "take", array),
        "answered cast": lambda: cast("echo", "back", array, asker),
        "many": lambda: call_many([("echo", "back", array)], timeout=5),
        "timer": lambda: send_after(0.01, "echo", "take", array),
        "timer of a process": lambda: send_after(0.01, whereis("echo"), "take", array),
        "interval": lambda: interval(send_interval(0.01, "echo", "take", array)),
        "machine": lambda: call("machine", "back", array),
        "cast to a machine": lambda: [cast("machine", "take", each) for each in (array, 1)],
        "group": lambda: broadcast("echoes", "take", array),
        "task": lambda: await_(async_(lambda: array)),
    }
    ways[name]()
    return list(ways)


def interval(timer):
    sleep(0.05)
    cancel_timer(timer)


class Machine(GenStateMachine):
    initial_state = "only"

    @event("back", state="only")
    def back(self, message):
        call("echo", "take", message)
        return keep_state(response=message)

    @event("take", state="only")
    def take(self, message):
        return keep_state()


class Echo(GenPy):
    name = "echo"

    @start()
    def enter(self):
        join("echoes")

    @receive("take")
    def take(self, message):
        sleep(0.01)

    @receive("back")
    def back(self, message):
        sleep(0.01)
        return message


def left():
    gc.collect()
    wait_until(lambda: not rebeam_info()["shared"])
    return rebeam_info()["shared"]


def main():
    global asker
    run_register_process(Echo)
    run_register_process(child(Machine, name="machine"))
    asker = run_register_process(Asker)
    for name in way("call", numpy.ones(1_000_000)):
        call(asker, "go", name)
        by_actor = left()
        way(name, numpy.ones(1_000_000))
        by_body = left()
        thread = threading.Thread(target=way, args=(name, numpy.ones(1_000_000)))
        thread.start()
        thread.join()
        del thread
        print(name, by_actor, by_body, left())


main()
