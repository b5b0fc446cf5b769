"""All kinds of code use registries and names: of actors, state machines, functions, threads, tasks and
the script's body. The actors are in argv[1]."""

import asyncio
import sys
import threading

from waiting import wait_until

import rebeam
from rebeam import (
    GenPy,
    GenStateMachine,
    GlobalName,
    Registry,
    Supervisor,
    Via,
    async_,
    await_,
    call,
    child,
    event,
    keep_state,
    receive,
    register,
    register_global,
    response_ok,
    run_register_process,
    self_pid,
    start,
    stop,
    unregister,
    whereis,
)

players = Registry("players")
counts = Registry("counts")


class Player(GenPy):
    @start()
    def begin(self):
        players.register("actor")

    @receive("asynchronous")
    async def asynchronous(self):
        """Many tasks of one actor change a value at once."""
        counts.register("n", 0)

        async def add():
            counts.update_value("n", lambda n: n + 1)

        await asyncio.gather(*(add() for _ in range(20)))
        return counts.lookup("n")[0][1], len(await asyncio.to_thread(players.lookup, "actor"))

    @receive("where it cannot suspend")
    def sort_key(self):
        return sorted(["no", "actor"], key=lambda key: len(players.lookup(key)))

    @receive("large")
    def large(self, message):
        players.register("large", bytes(message))

    @stop()
    def end(self):
        players.register("from @stop")
        print("stop", len(players.lookup("from @stop")))


class Racer(GenPy):
    @receive("race")
    def race(self, message):
        try:
            players.register(message)
        except ValueError:
            return 0
        return 1


class Machine(GenStateMachine):
    initial_state = "on"

    @start()
    def begin(self):
        players.register("machine", 1)

    @event("ask", state="on")
    def ask(self):
        return keep_state(response_ok(players.update_value("machine", lambda n: n + 1)))


def function():
    players.register("function", "value")
    wait_until(lambda: counts.count() and players.lookup("over"))


def attempt(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def in_thread(function, *args):
    found = []
    thread = threading.Thread(target=lambda: found.append(attempt(function, *args)))
    thread.start()
    thread.join()
    return found[0]


def main():
    placed = dict(isolation=sys.argv[1])
    actor = run_register_process(child(Player(), name=Via(players, "name"), **placed))
    run_register_process(child(Machine(), **placed))
    run_register_process(child(function, name=GlobalName("function"), **placed))
    print("body", players.lookup("body")[0][1], call(Via(players, "actor"), "no such")[0])
    print("asynchronous", call(actor, "asynchronous"))
    print("sort key", call(actor, "where it cannot suspend")[1])
    print("machine", call(Via(players, "machine"), "ask")[1], players.lookup("machine")[0][1])
    wait_until(lambda: players.lookup("function"))
    print("function", players.lookup("function")[0][1])
    print("task", await_(async_(players.count)) == players.count())
    players.register("me")
    print("thread", in_thread(players.count) == players.count(), in_thread(players.register, 1))
    print("thread", in_thread(whereis, "body") is not None, in_thread(register, "x"))
    print("thread", in_thread(register_global, "x"), in_thread(unregister, "x"))
    call(actor, "large", 1_000_000)
    print("large", [len(value) for _, value in players.lookup("large")])
    racers = [run_register_process(child(Racer(), **placed)) for _ in range(20)]
    for key in ("first", ("second",)):
        answers = rebeam.call_many([(each, "race", key) for each in racers])
        print("race", sum(answer for _, answer in answers), len(players.lookup(key)))
    print("lookups", players.lookup("me") == [(self_pid(), None)])


if __name__ == "__main__":
    register("body")
    players.register("body", "the body's")
    print(attempt(players.register, "body").split(",")[0])
    Supervisor([child(main, significant=True)])
