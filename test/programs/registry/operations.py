"""Every operation, with owners in the placement that is argv[1]."""

import sys
import threading
from collections import namedtuple

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Registry,
    Supervisor,
    call,
    child,
    receive,
    run_register_process,
    self_pid,
    start_child,
)

players = Registry("players")
rooms = Registry("rooms", keys="duplicate", partitions=4)
Point = namedtuple("Point", "x y")


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Player(GenPy):
    @receive("register")
    def register(self, message):
        registry, key, value = message
        return attempt(registry.register, key, value)

    @receive("unregister")
    def unregister(self, message):
        registry, key = message
        registry.unregister(key)

    @receive("update")
    def update(self, message):
        registry, key, amount = message
        return attempt(registry.update_value, key, lambda value: value + amount)

    @receive("mine")
    def mine(self, message):
        return sorted(message.keys(self_pid()), key=repr)

    @receive("found")
    def found(self, message):
        return players.lookup(message)

    @receive("end")
    def end(self):
        sys.exit()


def main():
    sup = run_register_process(DynamicSupervisor())
    placed = dict(isolation=sys.argv[1], restart="temporary")
    a, b = (start_child(sup, child(Player(), **placed)) for _ in range(2))
    names = {a: "a", b: "b"}

    def who(entries):
        return [(names[pid], value) for pid, value in entries]

    def asked(pid, *what):
        return call(pid, *what)[1]

    print("register", asked(a, "register", (players, "alice", {"n": 1, "at": Point(1, 2)})))
    print("lookup", who(players.lookup("alice")), players.lookup("bob"))
    taken = asked(b, "register", (players, "alice", 0))
    again = asked(a, "register", (players, "alice", 0))
    print("taken", *(each.split(", by ")[0] for each in (taken, again)))
    print("from there", [pid == a for pid, _ in asked(b, "found", "alice")])
    for value in (0, 1, 2):
        asked(a, "register", (rooms, "hall", value))
        asked(b, "register", (rooms, "hall", -value))
    print("duplicate", who(rooms.lookup("hall")), rooms.count(), rooms.keys())
    print("match", who(rooms.match("hall", 0)), who(rooms.match("hall", lambda n: n > 0)))
    print("match", *(bool(players.match("alice", each)) for each in patterns()))
    rooms.dispatch("hall", lambda entries: print("dispatch", len(entries)))
    rooms.dispatch("nowhere", lambda entries: print("dispatch", len(entries)))
    asked(a, "register", (players, 1, 10))
    print("update", asked(a, "update", (players, True, 5)), who(players.lookup(1.0)))
    print("update", asked(b, "update", (players, 1, 5)), asked(a, "update", (rooms, "hall", 1)))
    print("keys", asked(a, "mine", players), asked(b, "mine", players), asked(b, "mine", rooms))
    asked(b, "unregister", (players, "alice"))
    asked(a, "unregister", (rooms, "hall"))
    print("unregister", len(players.lookup("alice")), who(rooms.lookup("hall")))
    call(a, "unregister", (players, "alice"))
    print("free", asked(b, "register", (players, "alice", "b's")), who(players.lookup("alice")))
    asked(b, "end")
    print("ended", players.lookup("alice"), rooms.lookup("hall"), rooms.count(), players.count())
    print("free", asked(a, "register", (players, "alice", "a's")), who(players.lookup("alice")))
    print(attempt(Registry("players", keys="duplicate").count))
    print(attempt(Registry("rooms", keys="duplicate", partitions=2).count))
    thread = threading.Thread(target=lambda: print(attempt(players.register, 1), players.count()))
    thread.start()
    thread.join()
    asked(a, "end")
    wait_until(lambda: players.keys() == [])


def patterns():
    yield {"n": 1}
    yield {"n": ..., "at": (int, ...)}
    yield {"n": 1, "m": ...}
    yield [...]
    yield {"at": (1,)}
    yield ...


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
